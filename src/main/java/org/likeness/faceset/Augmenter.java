package org.likeness.faceset;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.likeness.faceset.Resampler.Border;

/**
 * Applies colour changes and a {@link Warp} to a {@link PreparedFace}; owns the scratch of one
 * thread.
 */
final class Augmenter {
  private static final int SMALLEST_WARP = 64;

  private final int resolution;
  private final boolean coded; // em is face, eyes and lips in one plane
  private final Colourist colourist;
  private final Raster coloured; // (r, r, 3)
  private final Grid transform;
  private final Grid warp;
  private final Raster warped; // (size, size, 3)
  private final float[] out; // (size, size, 3)

  Augmenter(SampleSettings settings) {
    this.resolution = settings.resolution();
    this.coded = settings.dialect() == Dialect.MVE;
    int size = Math.max(resolution, SMALLEST_WARP);
    this.colourist = new Colourist(settings);
    this.coloured = Raster.empty(resolution, resolution, 3);
    this.transform = new Grid(size);
    this.warp = new Grid(size);
    this.warped = Raster.empty(size, size, 3);
    this.out = new float[size * size * 3];
  }

  /** Writes one sample at {@code slot}. */
  void augment(
      PreparedFace face, Warp parameters, SampleDraws draws, SampleBuffers lent, int slot) {
    transform.affine(parameters.transform(), parameters.flip());
    Raster image = face.image();
    if (colourist.changesTarget()) {
      image = copied(face.image());
      colourist.target(image.values(), draws);
    }
    image(image, null, draws, lent.target(), slot);
    if (parameters.mapX() == null && !colourist.changesInput()) {
      long bytes = 4L * resolution * resolution * 3;
      MemorySegment.copy(lent.target(), slot * bytes, lent.warped(), slot * bytes, bytes);
    } else {
      image = face.image();
      if (colourist.changesInput()) {
        image = copied(image);
        colourist.input(image.values(), draws);
      }
      Grid warpBy = parameters.mapX() == null ? null : warp.symmetric(parameters.mapX());
      image(image, warpBy, draws, lent.warped(), slot);
    }
    write(moved(face.mask()), 1, lent.mask(), slot);
    if (face.em() != null) {
      float[] em = moved(face.em());
      if (!coded) {
        normalise(em, resolution * resolution);
      }
      write(em, 1, lent.em(), slot);
    }
  }

  private Raster copied(Raster image) {
    System.arraycopy(image.values(), 0, coloured.values(), 0, image.values().length);
    return coloured;
  }

  /** Writes the face as it is, as if nothing had been drawn. */
  void plain(PreparedFace face, SampleBuffers lent, int slot) {
    float[] image = face.image().values().clone();
    clip(image, image.length);
    write(image, 3, lent.target(), slot);
    write(image, 3, lent.warped(), slot);
    write(face.mask().values(), 1, lent.mask(), slot);
    if (face.em() != null) {
      float[] em = face.em().values().clone();
      if (!coded) {
        normalise(em, em.length);
      }
      write(em, 1, lent.em(), slot);
    }
  }

  private void image(Raster image, Grid warpBy, SampleDraws draws, MemorySegment to, int slot) {
    Raster in = enlarged(image, Kernel.CUBIC);
    if (warpBy != null) {
      Resampler.sample(in, warpBy, Kernel.CUBIC, Border.ZERO, warped.values());
      in = warped;
    }
    Resampler.sample(in, transform, Kernel.CUBIC, Border.REPLICATE, out);
    float[] values = reduced(3, Kernel.CUBIC);
    clip(values, 3 * resolution * resolution);
    colourist.moved(values, draws);
    write(values, 3, to, slot);
  }

  private float[] moved(Raster mask) {
    Resampler.sample(enlarged(mask, Kernel.LINEAR), transform, Kernel.LINEAR, Border.ZERO, out);
    return reduced(1, Kernel.LINEAR);
  }

  private Raster enlarged(Raster in, Kernel kernel) {
    int size = transform.size();
    return size == resolution ? in : Resampler.resize(in, size, size, kernel);
  }

  private float[] reduced(int channels, Kernel kernel) {
    int size = transform.size();
    if (size == resolution) {
      return out;
    }
    float[] values = Arrays.copyOf(out, size * size * channels);
    Raster large = new Raster(size, size, channels, values);
    return Resampler.resize(large, resolution, resolution, kernel).values();
  }

  private static void clip(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = Math.clamp(values[i], 0f, 1f);
    }
  }

  private static void normalise(float[] em, int count) {
    float max = 0;
    for (int i = 0; i < count; i++) {
      max = Math.max(max, em[i]);
    }
    for (int i = 0; i < count && max > 0; i++) {
      em[i] /= max;
    }
  }

  private void write(float[] values, int channels, MemorySegment to, int slot) {
    int count = resolution * resolution * channels;
    MemorySegment.copy(values, 0, to, JAVA_FLOAT, 4L * count * slot, count);
  }
}
