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
  private final int size; // of the warp
  private final boolean coded; // em is face, eyes and lips in one plane
  private final boolean packed; // to bytes
  private final Packing images;
  private final Packing planes;
  private final Colourist colourist;
  private final Remap transform;
  private final Remap warp;
  private final float[] coloured; // (r, r, 3)
  private final NativeRaster in; // (size, size, 3)
  private final NativeRaster warped; // (size, size, 3)
  private final NativeRaster out; // (size, size, 3)
  private final NativeRaster maskIn; // (size, size, 1)
  private final NativeRaster maskOut; // (size, size, 1)
  private final float[] values; // (size, size, 3)
  private final float[] field; // (size, size)
  private final float[] part; // (r, r)

  Augmenter(SampleSettings settings) {
    this.resolution = settings.resolution();
    this.coded = settings.dialect() == Dialect.MVE;
    this.packed = settings.packed();
    this.images = packed ? new Packing(resolution, 3) : null;
    this.planes = packed ? new Packing(resolution, 1) : null;
    this.size = Math.max(resolution, SMALLEST_WARP);
    this.colourist = new Colourist(settings);
    this.transform = new Remap(size, Remap.MARGIN);
    this.warp = new Remap(size, 0); // additions at the edge as the original's
    this.coloured = new float[resolution * resolution * 3];
    this.in = NativeRaster.floats(size, 3, Remap.MARGIN);
    this.warped = NativeRaster.floats(size, 3, Remap.MARGIN);
    this.out = NativeRaster.floats(size, 3);
    this.maskIn = NativeRaster.floats(size, 1, Remap.MARGIN).surround(Border.ZERO);
    this.maskOut = NativeRaster.floats(size, 1);
    this.values = new float[size * size * 3];
    this.field = new float[size * size];
    this.part = new float[resolution * resolution];
  }

  /** Room for a warp's map, free until the next sample. */
  float[] field() {
    return field;
  }

  /** Writes one sample at {@code slot}. */
  void augment(
      PreparedFace face, Warp parameters, SampleDraws draws, SampleBuffers lent, int slot) {
    transform.affine(parameters.transform(), parameters.flip());
    float[] aligned = face.image().values();
    load(colourist.changesTarget() ? target(aligned, draws) : aligned);
    image(in, draws, lent.target(), slot);
    if (parameters.mapX() == null && !colourist.changesInput()) {
      long bytes = lent.target().byteSize() / lent.batch();
      MemorySegment.copy(lent.target(), slot * bytes, lent.warped(), slot * bytes, bytes);
    } else {
      if (colourist.changesInput()) {
        load(input(aligned, draws));
      } else if (colourist.changesTarget()) {
        load(aligned);
      }
      image(parameters.mapX() == null ? in : warped(parameters), draws, lent.warped(), slot);
    }
    mask(face.mask(), lent.mask(), slot);
    if (face.em() != null) {
      parts(moved(face.em()), lent, slot);
    }
  }

  private float[] target(float[] aligned, SampleDraws draws) {
    System.arraycopy(aligned, 0, coloured, 0, aligned.length);
    colourist.target(coloured, draws);
    return coloured;
  }

  private float[] input(float[] aligned, SampleDraws draws) {
    System.arraycopy(aligned, 0, coloured, 0, aligned.length);
    colourist.input(coloured, draws);
    return coloured;
  }

  private void load(float[] image) {
    in.put(enlarged(image, 3, Kernel.CUBIC));
  }

  private NativeRaster warped(Warp parameters) {
    warp.symmetric(parameters.mapX()).sample(in, Kernel.CUBIC, warped);
    return warped;
  }

  /** Writes the face as it is, as if nothing had been drawn. */
  void plain(PreparedFace face, SampleBuffers lent, int slot) {
    float[] image = face.image().values().clone();
    clip(image, image.length);
    write(image, 3, lent.target(), slot);
    write(image, 3, lent.warped(), slot);
    write(face.mask().values(), 1, lent.mask(), slot);
    if (face.em() != null) {
      parts(face.em().values().clone(), lent, slot);
    }
  }

  private void image(NativeRaster from, SampleDraws draws, MemorySegment to, int slot) {
    transform.sample(from.surround(Border.REPLICATE), Kernel.CUBIC, out);
    if (packed && size == resolution && !colourist.changesMoved()) {
      images.pack(out, to, slot);
      return;
    }
    int count = 3 * resolution * resolution;
    out.get(values, 3 * size * size);
    float[] image = reduced(values, 3, Kernel.CUBIC);
    clip(image, count);
    colourist.moved(image, draws);
    write(image, 3, to, slot);
  }

  private void mask(Raster mask, MemorySegment to, int slot) {
    if (packed && size == resolution) {
      planes.pack(sampled(mask), to, slot);
    } else {
      write(moved(mask), 1, to, slot);
    }
  }

  private NativeRaster sampled(Raster plane) {
    maskIn.put(enlarged(plane.values(), 1, Kernel.LINEAR));
    transform.sample(maskIn, Kernel.LINEAR, maskOut);
    return maskOut;
  }

  private float[] moved(Raster plane) {
    sampled(plane).get(values, size * size);
    return reduced(values, 1, Kernel.LINEAR);
  }

  /** Writes the plane or planes of eyes and mouth, which {@code em} is changed for. */
  private void parts(float[] em, SampleBuffers lent, int slot) {
    int count = resolution * resolution;
    if (!coded) {
      normalise(em, count);
    }
    if (lent.em() != null) {
      write(em, 1, lent.em(), slot);
      return;
    }
    for (int i = 0; i < count; i++) { // spec data.md 5.3, as the trainer reads its codes
      float mouth = Math.max(0f, Math.min(1f, em[i] - 2));
      part[i] = Math.max(0f, Math.min(1f, em[i] - 1)) - mouth;
      em[i] = mouth;
    }
    write(part, 1, lent.eyes(), slot);
    write(em, 1, lent.mouth(), slot);
  }

  private float[] enlarged(float[] image, int channels, Kernel kernel) {
    return size == resolution
        ? image
        : Resampler.resize(new Raster(resolution, resolution, channels, image), size, size, kernel)
            .values();
  }

  private float[] reduced(float[] image, int channels, Kernel kernel) {
    if (size == resolution) {
      return image;
    }
    float[] whole = Arrays.copyOf(image, size * size * channels);
    return Resampler.resize(new Raster(size, size, channels, whole), resolution, resolution, kernel)
        .values();
  }

  private static void clip(float[] values, int count) {
    for (int i = 0; i < count; i++) {
      values[i] = Math.max(0f, Math.min(1f, values[i])); // vectorised, Math.clamp is not
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
    if (packed) {
      (channels == 3 ? images : planes).pack(values, to, slot);
    } else {
      MemorySegment.copy(values, 0, to, JAVA_FLOAT, 4L * count * slot, count);
    }
  }
}
