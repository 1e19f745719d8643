package org.likeness.faceset;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Prepared faces on a disk, from run to run: a file for each, in a folder for each way to prepare.
 * A file is found by its face's content, mapped while it is read, and believed only if its checksum
 * is right: any of them may be deleted or damaged at any time, which costs another preparation. The
 * one process that holds the lock adds and deletes, within a limit of bytes; others only read. Safe
 * to call from any number of threads.
 */
public final class FaceCache implements AutoCloseable {
  private static final String LOCK = "lock";
  private static final String TAG = "CACHEDIR.TAG"; // backup programs leave such a folder out
  private static final long BETWEEN_CHECKS = 64L << 20; // bytes
  private static final double MIB = 1L << 20;
  private static final double GIB = 1L << 30;

  /** Of the disk, that a cache leaves to others. */
  static final long LEAST_FREE = 2L << 30;

  private static final String TEXT =
      """
      Signature: 8a477f597d28d172789f06886806bc55
      # Faces that Likeness has prepared for training. Everything here may be deleted at any time:
      # it is made again from the facesets.
      """;

  private final Place place;
  private final FileChannel lock; // null where somebody else has it
  private final CachedFiles files; // null where there is no cache
  private final Set<String> wanted = new HashSet<>();
  private final Set<String> writing = new HashSet<>();
  private final Set<String> touched = ConcurrentHashMap.newKeySet();
  private final Queue<String> notices = new ConcurrentLinkedQueue<>();
  private int found;
  private long untilCheck;
  private boolean grows;

  /**
   * Where prepared faces are kept, how many bytes of them, and what their disk must have left.
   *
   * @param folder null for nowhere
   */
  public record Place(Path folder, long bytes, long leastFree) {
    /** Nowhere: faces that do not fit into memory are prepared each time. */
    public static final Place NOWHERE = new Place(null, 0, 0);

    /** A folder, if its disk has some GiB to spare. */
    public static Place in(Path folder, long bytes) {
      return new Place(folder, bytes, LEAST_FREE);
    }
  }

  private FaceCache(Place place, FileChannel lock, CachedFiles files) {
    this.place = place;
    this.lock = lock;
    this.files = files;
    this.grows = lock != null;
  }

  /** Keeps nothing. */
  public static FaceCache none() {
    return new FaceCache(Place.NOWHERE, null, null);
  }

  /** Opens what is there; whatever is wrong with the place is a notice, not an error. */
  public static FaceCache open(Place place) {
    if (place.folder() == null) {
      return none();
    }
    FileChannel lock = null;
    try {
      Files.createDirectories(place.folder());
      lock = lock(place.folder().resolve(LOCK));
      FaceCache cache = new FaceCache(place, lock, CachedFiles.of(place.folder(), lock != null));
      cache.begin();
      return cache;
    } catch (IOException e) {
      closeQuietly(lock);
      FaceCache off = none();
      off.notices.add(
          "prepared faces cannot be kept in %s: %s; --cache names another folder, or none"
              .formatted(place.folder(), FacesetException.reason(e)));
      return off;
    }
  }

  /** Null where another process, or this one already, holds it. */
  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    boolean held = false;
    try {
      held = channel.tryLock() != null;
    } catch (OverlappingFileLockException e) {
      // by another session of this process
    } finally {
      if (!held) {
        channel.close();
      }
    }
    return held ? channel : null;
  }

  private void begin() throws IOException {
    if (lock == null) {
      notices.add(
          "another session adds to the prepared faces in %s: this one only reads them"
              .formatted(place.folder()));
      return;
    }
    Files.writeString(place.folder().resolve(TAG), TEXT);
    boolean dropped = true;
    while (dropped && files.total() > place.bytes()) { // the limit may be lower than last time
      dropped = files.dropOldest(name -> false);
    }
  }

  /** The next sentence for a person; null when there is none. */
  public String pollNotice() {
    return notices.poll();
  }

  /** One line about what was found of the faces that are wanted. */
  public synchronized Optional<String> state() {
    return files == null
        ? Optional.empty()
        : Optional.of(
            String.format(
                Locale.ROOT,
                "prepared faces: %d of %d found in %s, which holds %s of at most %s",
                found,
                wanted.size(),
                place.folder(),
                size(files.total()),
                size(place.bytes())));
  }

  /** The names that these faces have here; none of them is dropped before this is closed. */
  synchronized List<String> claim(Preparation preparation, List<Face> faces) {
    if (files == null) {
      return Collections.nCopies(faces.size(), "");
    }
    String folder = preparation.name();
    List<String> names = faces.stream().map(face -> CachedFiles.name(folder, face)).toList();
    for (String name : names) {
      if (wanted.add(name) && files.contains(name)) {
        found++;
      }
    }
    return names;
  }

  /** Null where it is not here, or not whole. */
  PreparedFace get(String name, Preparation preparation) {
    if (files == null) {
      return null;
    }
    Path file = files.path(name);
    PreparedFace face = StoredFace.read(file, name, preparation);
    if (face == null) {
      missed(name);
    } else if (touched.add(name)) {
      touch(file);
    }
    return face;
  }

  private static void touch(Path file) {
    try {
      Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    } catch (IOException e) {
      // it only looks older than it is
    }
  }

  private synchronized void missed(String name) {
    if (!writing.contains(name)) {
      files.forget(name);
    }
  }

  private synchronized void written(String name, boolean whole) {
    writing.remove(name);
    if (!whole) {
      files.forget(name);
    }
  }

  /** Whether {@link #put} would add that face. */
  synchronized boolean lacks(String name) {
    return grows && !files.contains(name);
  }

  /** Keeps a face if there is room for it. */
  void put(String name, PreparedFace face) {
    if (!reserve(name, StoredFace.bytes(face))) {
      return;
    }
    boolean whole = false;
    try {
      write(name, face);
      whole = true;
    } catch (ClosedByInterruptException e) {
      // training ends
    } catch (IOException e) {
      stop("no more prepared faces are kept in %s: %s", FacesetException.reason(e));
    } finally {
      written(name, whole);
    }
  }

  private synchronized boolean reserve(String name, long bytes) {
    if (!lacks(name)) {
      return false;
    }
    untilCheck -= bytes;
    if (untilCheck < 0) {
      untilCheck = BETWEEN_CHECKS;
      long free = free();
      if (free - bytes < place.leastFree()) {
        stop("no more prepared faces are kept in %s: its disk has only %s left", size(free));
        return false;
      }
    }
    while (files.total() + bytes > place.bytes()) {
      if (!files.dropOldest(wanted::contains)) {
        stop(
            "%s is full of prepared faces; those that are not in it are prepared anew each time,"
                + " unless --cache-size is more than %s",
            size(place.bytes()));
        return false;
      }
    }
    files.add(name, bytes);
    writing.add(name);
    return true;
  }

  private static String size(long bytes) {
    return bytes < GIB
        ? String.format(Locale.ROOT, "%.0f MiB", Math.ceil(bytes / MIB))
        : String.format(Locale.ROOT, "%.1f GiB", bytes / GIB);
  }

  private long free() {
    try {
      return Files.getFileStore(place.folder()).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE; // unknown, as on some network drives: writing will tell
    }
  }

  private synchronized void stop(String notice, String detail) {
    if (grows) {
      grows = false;
      notices.add(notice.formatted(place.folder(), detail));
    }
  }

  /** Not forced to the disk: after a power cut the checksum tells. */
  private void write(String name, PreparedFace face) throws IOException {
    Path file = files.path(name);
    Path part = temporary(file);
    try {
      try (FileChannel channel = FileChannel.open(part, StandardOpenOption.WRITE)) {
        StoredFace.write(channel, name, face);
      }
      SafeFile.move(part, file);
    } finally {
      Files.deleteIfExists(part);
    }
  }

  private static Path temporary(Path file) throws IOException {
    Path folder = file.getParent();
    String begin = file.getFileName() + ".";
    try {
      return Files.createTempFile(folder, begin, ".part");
    } catch (NoSuchFileException e) { // the first of its kind, or somebody deleted them all
      Files.createDirectories(folder);
      return Files.createTempFile(folder, begin, ".part");
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // nothing was written through it
      }
    }
  }

  /** Lets go of the lock; whoever fills batches has ended. */
  @Override
  public void close() {
    closeQuietly(lock);
  }
}
