package org.likeness.faceset;

import java.io.IOException;
import java.util.Locale;
import org.likeness.format.FormatException;

/**
 * How faces are prepared, and so all that a {@link PreparedFace} depends on beside its {@link
 * Face}: {@code settings} without what is random, or only their resolution where it is not {@code
 * aligned}.
 */
record Preparation(SampleSettings settings, boolean aligned) {
  /** Brought to the model's crop, with masks (spec data.md 4.5 and 5). */
  static Preparation aligned(SampleSettings settings) {
    return new Preparation(settings, true);
  }

  /** The whole picture, to take colours from (spec data.md 7.2). */
  static Preparation reference(int resolution) {
    return new Preparation(
        new SampleSettings(resolution, FaceType.FULL, false, false, Dialect.OG, false), false);
  }

  /** Decodes and aligns {@code jpg}, the bytes of a face; a FacesetException names it. */
  PreparedFace prepare(Face face, byte[] jpg) throws IOException {
    try {
      AlignedJpg.checked(jpg); // the file may have changed since it was listed
      return prepare(jpg, face.metadata());
    } catch (FormatException e) {
      throw new FacesetException(
          face.where() + " can no longer be used: it " + e.getMessage() + PreparedFace.REMEDY);
    }
  }

  PreparedFace prepare(byte[] jpg, AlignedFace face) throws FormatException {
    Raster picture = Raster.of(OpenCv.decodeColour(jpg));
    return aligned
        ? PreparedFace.of(picture, face, settings)
        : PreparedFace.of(picture, settings.resolution());
  }

  /** A face of zeros, of the size that every prepared one has. */
  PreparedFace blank() {
    int r = settings.resolution();
    int masked = aligned ? r : 0;
    return new PreparedFace(
        Raster.empty(r, r, 3),
        Raster.empty(masked, masked, 1),
        aligned && settings.em() ? Raster.empty(r, r, 1) : null);
  }

  /**
   * A name for a folder: what is asked for, and 16 digits that change with whatever makes other
   * pixels of it: our code, OpenCV's or the processor.
   */
  String name() {
    String words =
        aligned
            ? "%dpx-%s-%s%s"
                .formatted(
                    settings.resolution(),
                    settings.faceType().word(),
                    settings.dialect().name().toLowerCase(Locale.ROOT),
                    settings.em() ? "-em" : "")
            : settings.resolution() + "px-reference";
    return words + "-" + String.format(Locale.ROOT, "%016x", PreparationProbe.of(this));
  }
}
