package org.likeness.faceset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Prepared faces of one source, kept while they fit: the first that come stay, because an epoch
 * visits each face once and evicting any would only exchange one miss for another. The others are
 * spilled to a temporary file.
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
  private final Path folder; // of the temporary file; null for none
  private SpilledFaces spilled;
  private boolean spillRefused;

  PreparedFaces(List<Face> faces, Preparation preparation) {
    this(
        faces,
        preparation,
        Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP,
        Path.of(System.getProperty("java.io.tmpdir")));
  }

  PreparedFaces(List<Face> faces, Preparation preparation, long bytes, Path folder) {
    this.faces = faces;
    this.preparation = preparation;
    this.kept = new AtomicReferenceArray<>(faces.size());
    this.bytesLeft = new AtomicLong(bytes);
    this.folder = folder;
  }

  int size() {
    return faces.size();
  }

  PreparedFace get(int index) throws IOException {
    PreparedFace face = kept.get(index);
    if (face != null) {
      return face;
    }
    SpilledFaces file = spilled(null);
    face = file == null ? null : file.get(index);
    if (face != null) {
      return face;
    }
    face = preparation.prepare(faces.get(index));
    long bytes = face.byteSize();
    if (bytesLeft.addAndGet(-bytes) < 0) {
      bytesLeft.addAndGet(bytes);
      file = spilled(face);
      if (file != null) {
        file.put(index, face);
      }
    } else if (!kept.compareAndSet(index, null, face)) {
      bytesLeft.addAndGet(bytes);
    }
    return face;
  }

  /** The file, made for faces like {@code shape} when there is none yet; null when none can be. */
  private synchronized SpilledFaces spilled(PreparedFace shape) {
    if (spilled == null && shape != null && folder != null && !spillRefused) {
      try {
        spilled = SpilledFaces.open(folder, shape, faces.size());
      } catch (IOException e) {
        spillRefused = true; // faces are prepared each time
      }
    }
    return spilled;
  }
}
