package org.likeness.faceset;

import java.io.IOException;
import org.likeness.faceset.Resampler.Border;
import org.likeness.format.FormatException;

/**
 * A face brought to the model's crop and size, before anything random: {@code image} // (r, r, 3),
 * {@code mask} and {@code em} // (r, r, 1), em null when unused. What makes it is {@link
 * Preparation}.
 */
record PreparedFace(Raster image, Raster mask, Raster em) {
  /** What messages about files that changed end with. */
  static final String REMEDY = "; restore or remove it.";

  /** Decodes and aligns (spec data.md 4.5 and 5); a FacesetException names the file. */
  static PreparedFace of(Face face, SampleSettings settings) throws IOException {
    return Preparation.aligned(settings).prepare(face, read(face));
  }

  /** A picture to take colours from: the whole JPG, not aligned (spec data.md 7.2). */
  static PreparedFace reference(Face face, int resolution) throws IOException {
    return Preparation.reference(resolution).prepare(face, read(face));
  }

  /** The JPG's bytes; a FacesetException names the file. */
  static byte[] read(Face face) throws FacesetException {
    try {
      return face.jpg();
    } catch (IOException e) {
      throw new FacesetException(
          face.where() + " cannot be read: " + FacesetException.reason(e) + REMEDY, e);
    }
  }

  /** The whole picture, squeezed into a square. */
  static PreparedFace of(Raster picture, int resolution) {
    return new PreparedFace(
        resized(picture, resolution, Kernel.LINEAR), Raster.empty(0, 0, 1), null);
  }

  static PreparedFace of(Raster picture, AlignedFace face, SampleSettings settings)
      throws FormatException {
    int w = picture.width();
    int h = picture.height();
    Raster full = FaceMasks.full(face, w, h);
    Raster em = settings.em() ? FaceMasks.em(face.landmarks(), full, settings.dialect()) : null;
    Raster image = image(picture, face, settings);
    int r = settings.resolution();
    if (isResized(face, settings)) {
      return new PreparedFace(
          image,
          resized(full, r, Kernel.LINEAR),
          em == null ? null : resized(em, r, Kernel.LINEAR));
    }
    Grid grid = grid(face, settings);
    return new PreparedFace(
        image,
        cropped(full, grid, Kernel.LINEAR, Border.ZERO),
        em == null ? null : cropped(em, grid, Kernel.LINEAR, Border.ZERO));
  }

  /** The picture alone, aligned. */
  static Raster image(Raster picture, AlignedFace face, SampleSettings settings) {
    return isResized(face, settings)
        ? resized(picture, settings.resolution(), Kernel.CUBIC)
        : cropped(picture, grid(face, settings), Kernel.CUBIC, Border.REPLICATE);
  }

  private static boolean isResized(AlignedFace face, SampleSettings settings) {
    return face.type() == settings.faceType()
        || settings.faceType() == FaceType.CUSTOM // which has no crop to compute
        || (face.type() == FaceType.CUSTOM && settings.dialect() == Dialect.MVE);
  }

  private static Grid grid(AlignedFace face, SampleSettings settings) {
    Landmarks points = face.landmarks();
    int r = settings.resolution();
    return new Grid(r).affine(FaceFit.of(points).crop(points, settings.faceType(), r, 1), false);
  }

  private static Raster resized(Raster in, int r, Kernel kernel) {
    return in.width() == r && in.height() == r ? in : Resampler.resize(in, r, r, kernel);
  }

  private static Raster cropped(Raster in, Grid grid, Kernel kernel, Border border) {
    Raster out = Raster.empty(grid.size(), grid.size(), in.channels());
    Resampler.sample(in, grid, kernel, border, out.values());
    return out;
  }

  /** Bytes that keeping it costs. */
  long byteSize() {
    return 4L
        * (image.values().length + mask.values().length + (em == null ? 0 : em.values().length));
  }
}
