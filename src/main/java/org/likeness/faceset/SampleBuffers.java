package org.likeness.faceset;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/**
 * Memory lent to a batch, channels last, f32 values 0..1, or where the settings pack them bytes,
 * 255 for 1: {@code warped} and {@code target} // (batch, r, r, 3), BGR; {@code mask} and the
 * planes of eyes and mouth // (batch, r, r, 1), each null when unused: {@code em} has both, as the
 * dialect delivers them; packed, MVE's codes are {@code eyes} and {@code mouth} instead.
 */
public record SampleBuffers(
    int batch,
    MemorySegment warped,
    MemorySegment target,
    MemorySegment mask,
    MemorySegment em,
    MemorySegment eyes,
    MemorySegment mouth) {
  private static final int ALIGNMENT = 64;

  /** Memory of {@code arena} for {@code batch} samples. */
  public static SampleBuffers allocate(Arena arena, int batch, SampleSettings settings) {
    long plane = plane(settings) * batch;
    boolean split = settings.splitsParts();
    return new SampleBuffers(
        batch,
        arena.allocate(3 * plane, ALIGNMENT),
        arena.allocate(3 * plane, ALIGNMENT),
        arena.allocate(plane, ALIGNMENT),
        settings.em() && !split ? arena.allocate(plane, ALIGNMENT) : null,
        split ? arena.allocate(plane, ALIGNMENT) : null,
        split ? arena.allocate(plane, ALIGNMENT) : null);
  }

  /** Refuses buffers of another size, and a slot that they do not have. */
  void requireFit(SampleSettings settings, int slot) {
    Objects.checkIndex(slot, batch);
    long plane = plane(settings) * batch;
    boolean split = settings.splitsParts();
    if (warped.byteSize() != 3 * plane
        || target.byteSize() != 3 * plane
        || mask.byteSize() != plane
        || bytes(em) != (settings.em() && !split ? plane : 0)
        || bytes(eyes) != (split ? plane : 0)
        || bytes(mouth) != (split ? plane : 0)) {
      throw new IllegalArgumentException(
          "buffers of %d, %d, %d and %d bytes do not hold %d samples of %d px%s%s"
              .formatted(
                  warped.byteSize(),
                  target.byteSize(),
                  mask.byteSize(),
                  bytes(em) + bytes(eyes) + bytes(mouth),
                  batch,
                  settings.resolution(),
                  settings.em() ? " with em" : "",
                  settings.packed() ? " in bytes" : ""));
    }
  }

  private static long bytes(MemorySegment plane) {
    return plane == null ? 0 : plane.byteSize();
  }

  private static long plane(SampleSettings settings) {
    int element = settings.packed() ? Byte.BYTES : Float.BYTES;
    return (long) element * settings.resolution() * settings.resolution();
  }
}
