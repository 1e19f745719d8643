package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Runs elementwise work over f32 or bf16 memory in blocks on all cores. A block is copied to arrays
 * on the heap, which stay in the first-level cache: the compiler vectorises loops over arrays, but
 * over two native segments it cannot rule out that they overlap.
 */
final class Blocks {
  /** Elements of a block: five arrays of 16 KB fit a second-level cache with room. */
  static final int SIZE = 4096;

  /** Below this many elements waking another core costs more than it brings. */
  static final int ALONE = 16 * SIZE;

  private static final int ARRAYS = 5;

  private static final ThreadLocal<float[][]> ARRAY =
      ThreadLocal.withInitial(() -> new float[ARRAYS][SIZE]);

  private Blocks() {}

  /** Computes on one block: the operands come in the first arrays and leave in the same ones. */
  interface Kernel {
    void run(float[][] operands, int count);
  }

  /** The same for what also depends on where in its operand an element lies. */
  interface PlacedKernel {
    void run(float[][] operands, int count, long from);
  }

  /**
   * Runs a kernel over operands of {@code elements} elements each and of one type.
   *
   * @param reads how many of the operands, from the first, are read
   * @param writes bit i set when operand i is written back
   */
  static void map(Floats[] operands, int reads, int writes, long elements, Kernel kernel) {
    mapPlaced(
        operands, reads, writes, elements, (arrays, count, from) -> kernel.run(arrays, count));
  }

  /** Runs a kernel over f32 that is told the index of each block's first element. */
  static void mapPlaced(
      Floats[] operands, int reads, int writes, long elements, PlacedKernel kernel) {
    int blocks = Math.toIntExact((elements + SIZE - 1) / SIZE);
    IntConsumer body =
        block -> {
          long from = (long) block * SIZE;
          int count = (int) Math.min(SIZE, elements - from);
          float[][] arrays = ARRAY.get();
          for (int i = 0; i < reads; i++) {
            operands[i].load(from, arrays[i], count);
          }
          kernel.run(arrays, count, from);
          store(operands, writes, arrays, from, count);
        };
    each(blocks, elements <= ALONE, body);
  }

  /**
   * Runs a kernel over one block of at most {@link #SIZE} elements, on this thread.
   *
   * @param operands null where the kernel makes the contents of that array itself
   */
  static void one(Floats[] operands, int writes, long from, int count, PlacedKernel kernel) {
    float[][] arrays = ARRAY.get();
    for (int i = 0; i < operands.length; i++) {
      if (operands[i] != null) {
        operands[i].load(from, arrays[i], count);
      }
    }
    kernel.run(arrays, count, from);
    store(operands, writes, arrays, from, count);
  }

  private static void store(Floats[] operands, int writes, float[][] arrays, long from, int count) {
    for (int i = 0; i < operands.length; i++) {
      if ((writes >> i & 1) != 0) {
        operands[i].store(arrays[i], from, count);
      }
    }
  }

  /** Runs tasks 0 to count - 1, on this thread alone or on all cores; returns when all are done. */
  static void each(int count, boolean alone, IntConsumer task) {
    if (alone || count == 1) {
      for (int i = 0; i < count; i++) {
        task.accept(i);
      }
    } else {
      IntStream.range(0, count).parallel().forEach(task);
    }
  }

  static void load(MemorySegment from, long element, float[] to, int count) {
    MemorySegment.copy(from, ValueLayout.JAVA_FLOAT, element * Float.BYTES, to, 0, count);
  }

  static void store(float[] from, MemorySegment to, long element, int count) {
    MemorySegment.copy(from, 0, to, ValueLayout.JAVA_FLOAT, element * Float.BYTES, count);
  }
}
