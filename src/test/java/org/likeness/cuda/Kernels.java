package org.likeness.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import org.likeness.ffi.C;

/** The kernels of objects.cu, and the memory that tests of them use. */
final class Kernels {
  private Kernels() {}

  static byte[] ptx() {
    try (InputStream in = Kernels.class.getResourceAsStream("/cuda/objects.ptx")) {
      return Objects.requireNonNull(in).readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns 0, 1, 2, ... as floats. */
  static MemorySegment ramp(Arena arena, int n) {
    MemorySegment floats = arena.allocate(C.FLOAT, n);
    for (int i = 0; i < n; i++) {
      floats.setAtIndex(C.FLOAT, i, i);
    }
    return floats;
  }

  static float[] read(DeviceMemory memory, int n) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment floats = arena.allocate(C.FLOAT, n);
      memory.read(0, floats);
      return floats.toArray(C.FLOAT);
    }
  }

  /** Returns a, 2a, 3a, ... from 0 on. */
  static float[] multiples(float a, int n) {
    float[] multiples = new float[n];
    for (int i = 0; i < n; i++) {
      multiples[i] = a * i;
    }
    return multiples;
  }
}
