package org.likeness.faceset;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Memory lent to a batch, float32, channels last, values 0..1: {@code warped} and {@code target} //
 * (batch, r, r, 3), BGR; {@code mask} and {@code em} // (batch, r, r, 1), em null when unused.
 * {@code batch} samples fit.
 */
public record SampleBuffers(
    int batch, MemorySegment warped, MemorySegment target, MemorySegment mask, MemorySegment em) {
  private static final int FLOAT = 4;
  private static final int ALIGNMENT = 64;

  /** Memory of {@code arena} for {@code batch} samples. */
  public static SampleBuffers allocate(Arena arena, int batch, SampleSettings settings) {
    long plane = plane(settings) * batch;
    return new SampleBuffers(
        batch,
        arena.allocate(3 * plane, ALIGNMENT),
        arena.allocate(3 * plane, ALIGNMENT),
        arena.allocate(plane, ALIGNMENT),
        settings.em() ? arena.allocate(plane, ALIGNMENT) : null);
  }

  /** Refuses buffers of another size, and a slot that they do not have. */
  void requireFit(SampleSettings settings, int slot) {
    Objects.checkIndex(slot, batch);
    long plane = plane(settings) * batch;
    if (warped.byteSize() != 3 * plane
        || target.byteSize() != 3 * plane
        || mask.byteSize() != plane
        || settings.em() != (em != null)
        || (em != null && em.byteSize() != plane)) {
      throw new IllegalArgumentException(
          "buffers of %d, %d, %d and %d bytes do not hold %d samples of %d px%s"
              .formatted(
                  warped.byteSize(),
                  target.byteSize(),
                  mask.byteSize(),
                  em == null ? 0 : em.byteSize(),
                  batch,
                  settings.resolution(),
                  settings.em() ? " with em" : ""));
    }
  }

  private static long plane(SampleSettings settings) {
    return (long) FLOAT * settings.resolution() * settings.resolution();
  }
}
