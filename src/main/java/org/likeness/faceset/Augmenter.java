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
  private final Padded first; // (size, size, 3)
  private final Padded second; // (size, size, 3)
  private final Padded warped; // (size, size, 3)
  private final Padded mask; // (size, size, 1)
  private final Padded part; // (size, size, 1), eyes and mouth; null when unused
  private final float[] targets; // (size, size, 3)
  private final float[] inputs; // (size, size, 3)
  private final float[] masks; // (size, size)
  private final float[] parts; // (size, size)
  private final Warp.Drawing drawing;
  private final float[] eyes; // (r, r)

  Augmenter(SampleSettings settings) {
    this.resolution = settings.resolution();
    this.coded = settings.dialect() == Dialect.MVE;
    this.packed = settings.packed();
    this.images = packed ? new Packing(resolution, 3) : null;
    this.planes = packed ? new Packing(resolution, 1) : null;
    this.size = Math.max(resolution, SMALLEST_WARP);
    this.colourist = new Colourist(settings);
    this.transform = new Remap(size);
    this.warp = new Remap(size);
    this.coloured = new float[resolution * resolution * 3];
    this.first = new Padded(size, 3);
    this.second = new Padded(size, 3);
    this.warped = new Padded(size, 3);
    this.mask = new Padded(size, 1).surround(Border.ZERO);
    this.targets = new float[size * size * 3];
    this.inputs = new float[size * size * 3];
    this.masks = new float[size * size];
    this.part = settings.em() ? new Padded(size, 1).surround(Border.ZERO) : null;
    this.parts = new float[settings.em() ? size * size : 0];
    this.drawing = new Warp.Drawing(settings);
    this.eyes = new float[settings.splitsParts() ? resolution * resolution : 0];
  }

  /** Draws the sample's geometry; it is valid until the next one's. */
  Warp draw(int seed) {
    return drawing.draw(seed);
  }

  /** Writes one sample at {@code slot}. */
  void augment(
      PreparedFace face, Warp parameters, SampleDraws draws, SampleBuffers lent, int slot) {
    float[] aligned = face.image().values();
    boolean changes = colourist.changesTarget();
    Padded target = load(first, changes ? target(aligned, draws) : aligned);
    Padded input = target;
    if (parameters.mapX() != null || colourist.changesInput() || changes) {
      input = warped(input(aligned, draws), parameters).surround(Border.REPLICATE);
    }
    target.surround(Border.REPLICATE);
    mask.put(enlarged(face.mask().values(), 1, Kernel.LINEAR));
    if (part != null) {
      part.put(enlarged(face.em().values(), 1, Kernel.LINEAR));
    }
    transform.affine(parameters.transform(), parameters.flip());
    if (packed && size == resolution && !colourist.changesMoved()) {
      packRows(target, input, lent, slot);
    } else {
      for (int y = 0; y < size; y += Remap.BAND) {
        move(y, target, input, y * size);
      }
      finish(targets, draws, lent.target(), slot);
      if (input == target) {
        long bytes = lent.target().byteSize() / lent.batch();
        MemorySegment.copy(lent.target(), slot * bytes, lent.warped(), slot * bytes, bytes);
      } else {
        finish(inputs, draws, lent.warped(), slot);
      }
      write(reduced(masks, 1, Kernel.LINEAR), 1, lent.mask(), slot);
    }
    if (part != null) {
      writeParts(reduced(parts, 1, Kernel.LINEAR), lent, slot);
    }
  }

  /** Moves the band from row {@code y} of both pictures and the mask to {@code pixel} on. */
  private void move(int y, Padded target, Padded input, int pixel) {
    transform.band(y);
    transform.cubic(target, targets, 3 * pixel, 3 * size);
    if (input != target) {
      transform.cubic(input, inputs, 3 * pixel, 3 * size);
    }
    transform.linear(mask, masks, pixel);
    if (part != null) {
      transform.linear(part, parts, y * size);
    }
  }

  /** Moves and packs a band of rows at a time, which the cache holds. */
  private void packRows(Padded target, Padded input, SampleBuffers lent, int slot) {
    for (int y = 0; y < size; y += Remap.BAND) {
      move(y, target, input, 0);
      int count = transform.rows() * size;
      long at = ((long) slot * size + y) * size;
      images.pack(targets, 3 * count, lent.target(), 3 * at);
      images.pack(input == target ? targets : inputs, 3 * count, lent.warped(), 3 * at);
      planes.pack(masks, count, lent.mask(), at);
    }
  }

  private float[] target(float[] aligned, SampleDraws draws) {
    System.arraycopy(aligned, 0, coloured, 0, aligned.length);
    colourist.target(coloured, draws);
    return coloured;
  }

  /** What is warped: the target's picture unless colours differ. */
  private Padded input(float[] aligned, SampleDraws draws) {
    if (colourist.changesInput()) {
      System.arraycopy(aligned, 0, coloured, 0, aligned.length);
      colourist.input(coloured, draws);
      return load(second, coloured);
    }
    return colourist.changesTarget() ? load(second, aligned) : first;
  }

  private Padded load(Padded to, float[] image) {
    return to.put(enlarged(image, 3, Kernel.CUBIC));
  }

  private Padded warped(Padded input, Warp parameters) {
    if (parameters.mapX() == null) {
      return input;
    }
    input.surround(Border.ZERO);
    warp.symmetric(parameters.mapX());
    for (int y = 0; y < size; y += Remap.BAND) {
      int to = warped.first() + y * warped.row();
      warp.band(y).cubic(input, warped.values(), to, warped.row());
    }
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
      writeParts(face.em().values().clone(), lent, slot);
    }
  }

  /** Writes a picture // (size, size, 3) that was moved. */
  private void finish(float[] moved, SampleDraws draws, MemorySegment to, int slot) {
    float[] image = reduced(moved, 3, Kernel.CUBIC);
    clip(image, 3 * resolution * resolution);
    colourist.moved(image, draws);
    write(image, 3, to, slot);
  }

  /** Writes the plane or planes of eyes and mouth, which {@code em} is changed for. */
  private void writeParts(float[] em, SampleBuffers lent, int slot) {
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
      eyes[i] = Math.max(0f, Math.min(1f, em[i] - 1)) - mouth;
      em[i] = mouth;
    }
    write(eyes, 1, lent.eyes(), slot);
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
