package org.likeness.faceset;

import java.io.IOException;

/**
 * A face as the model sees it, nothing random about it: {@code image} // (r, r, 3) BGR 0..1, {@code
 * mask} // (r, r, 1), and the name of its {@link Face}.
 */
public record Crop(String name, float[] image, float[] mask) {
  /** Decodes and aligns one face; a FacesetException names the file. */
  public static Crop of(Face face, SampleSettings settings) throws IOException {
    PreparedFace prepared = PreparedFace.of(face, settings);
    return new Crop(face.name(), prepared.image().clip().values(), prepared.mask().values());
  }
}
