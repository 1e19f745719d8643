package org.likeness.faceset;

import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells once of each face that could be read when training began and no longer can. */
final class LostFaces {
  private static final int LISTED = 10;

  private final ConcurrentHashMap<Integer, Boolean> known = new ConcurrentHashMap<>();
  private final AtomicInteger listed = new AtomicInteger();
  private final Queue<String> untold = new ConcurrentLinkedQueue<>();

  void add(int index, String message) {
    if (known.putIfAbsent(index, true) != null) {
      return;
    }
    int before = listed.getAndIncrement();
    if (before < LISTED) {
      untold.add(message.replace(PreparedFace.REMEDY, "; training goes on with the others"));
    } else if (before == LISTED) {
      untold.add("more faces than these " + LISTED + " can no longer be read; they are not listed");
    }
  }

  /** The next sentence to be told; null when there is none. */
  String poll() {
    return untold.poll();
  }
}
