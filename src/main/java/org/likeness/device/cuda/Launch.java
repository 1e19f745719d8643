package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One kernel launch as data, every address and number already in it: what a test compares with the
 * entry's parameters in the PTX.
 *
 * @param sharedBytes dynamic shared memory
 */
record Launch(Entry entry, Grid grid, int sharedBytes, List<Argument> arguments)
    implements Command {
  /** Copies the list. */
  Launch {
    arguments = List.copyOf(arguments);
  }

  /**
   * A kernel's place: entry {@code name} of {@code kernels/<family>.<target>.ptx}, the newest
   * target that the device takes.
   */
  record Entry(String family, String name) {}

  /** Blocks on three axes (y and z at most 65535) and threads of a block. */
  record Grid(int x, int y, int z, int threads) {
    /** Checks the ranges that a launch accepts. */
    Grid {
      if (x < 1 || y < 1 || z < 1 || y > 65535 || z > 65535 || threads < 1 || threads > 1024) {
        throw new IllegalArgumentException(
            "grid " + x + " x " + y + " x " + z + " of " + threads + " threads");
      }
    }

    /** Returns a one-dimensional grid with a thread for each of {@code work} items. */
    static Grid over(long work, int threads) {
      return new Grid(Math.toIntExact((work + threads - 1) / threads), 1, 1, threads);
    }
  }

  /** A kernel parameter's value. */
  sealed interface Argument {
    /** A device address, or any 64-bit number. */
    record Pointer(long address) implements Argument {}

    /** A 32-bit integer. */
    record I32(int value) implements Argument {}

    /** A 32-bit floating-point number. */
    record F32(float value) implements Argument {}

    /** A structure passed by value: its bytes, padded as C does. */
    record Struct(MemorySegment bytes) implements Argument {}
  }
}
