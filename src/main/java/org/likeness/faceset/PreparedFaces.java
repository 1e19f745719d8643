package org.likeness.faceset;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Prepared faces of one source, kept while they fit: the first that come stay, because an epoch
 * visits each face once and evicting any would only exchange one miss for another.
 */
final class PreparedFaces {
  private static final int SHARE_OF_HEAP = 8;

  /** How a face is prepared. */
  @FunctionalInterface
  interface Preparation {
    PreparedFace prepare(Face face) throws IOException;
  }

  private final List<Face> faces;
  private final Preparation preparation;
  private final AtomicReferenceArray<PreparedFace> kept;
  private final AtomicLong bytesLeft;

  PreparedFaces(List<Face> faces, Preparation preparation) {
    this(faces, preparation, Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP);
  }

  PreparedFaces(List<Face> faces, Preparation preparation, long bytes) {
    this.faces = faces;
    this.preparation = preparation;
    this.kept = new AtomicReferenceArray<>(faces.size());
    this.bytesLeft = new AtomicLong(bytes);
  }

  PreparedFace get(int index) throws IOException {
    PreparedFace face = kept.get(index);
    if (face != null) {
      return face;
    }
    face = preparation.prepare(faces.get(index));
    long bytes = face.byteSize();
    if (bytesLeft.addAndGet(-bytes) < 0 || !kept.compareAndSet(index, null, face)) {
      bytesLeft.addAndGet(bytes);
    }
    return face;
  }
}
