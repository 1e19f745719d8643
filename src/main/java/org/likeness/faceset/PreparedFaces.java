package org.likeness.faceset;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Prepared faces of one source, kept in memory while they fit: the first that come stay, because an
 * epoch visits each face once and evicting any would only exchange one miss for another. The others
 * come from the disk's {@link FaceCache}, or are prepared each time.
 */
final class PreparedFaces {
  private static final int SHARE_OF_HEAP = 8;

  private final List<Face> faces;
  private final Preparation preparation;
  private final FaceCache cache;
  private final List<String> names; // in the cache
  private final AtomicReferenceArray<PreparedFace> kept;
  private final AtomicLong bytesLeft;

  PreparedFaces(List<Face> faces, Preparation preparation, FaceCache cache) {
    this(faces, preparation, cache, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  PreparedFaces(List<Face> faces, Preparation preparation, FaceCache cache, long bytes) {
    this.faces = faces;
    this.preparation = preparation;
    this.cache = cache;
    this.names = cache.claim(preparation, faces);
    this.kept = new AtomicReferenceArray<>(faces.size());
    this.bytesLeft = new AtomicLong(bytes);
  }

  int size() {
    return faces.size();
  }

  /** A FacesetException names a face that cannot be read. */
  PreparedFace get(int index) throws IOException {
    PreparedFace face = kept.get(index);
    if (face != null) {
      return face;
    }
    String name = names.get(index);
    face = cache.get(name, preparation);
    if (face == null) {
      face = prepared(faces.get(index), name);
    }
    long bytes = face.byteSize();
    if (bytesLeft.addAndGet(-bytes) < 0 || !kept.compareAndSet(index, null, face)) {
      bytesLeft.addAndGet(bytes);
    }
    return face;
  }

  private PreparedFace prepared(Face face, String name) throws IOException {
    byte[] jpg = PreparedFace.read(face);
    PreparedFace prepared = preparation.prepare(face, jpg);
    if (cache.lacks(name) && face.isOf(jpg)) { // else it changed since it was listed
      cache.put(name, prepared);
    }
    return prepared;
  }
}
