package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.likeness.ffi.C;

/** The operands of one convolution, random where they are read and poisoned where written. */
final class OnednnFixture implements AutoCloseable {
  /** Of one f32 rounding, with room for a sum in another order. */
  private static final double RELATIVE = 4e-6;

  private final Arena arena = Arena.ofConfined();
  private final Random random = new Random(7);
  private final OnednnEngine engine;
  private final OnednnConvolutionSpec spec;
  final OnednnWeightLayout layout;
  final MemorySegment x; // (n,h,w,ci)
  final MemorySegment w; // (co,kh,kw,ci)
  final MemorySegment stored; // w in the layout
  final MemorySegment b; // (co)
  final MemorySegment r; // (n,ho,wo,co)
  final MemorySegment y; // (n,ho,wo,co)
  final MemorySegment dy; // (n,ho,wo,co)
  final MemorySegment dx; // (n,h,w,ci)
  final MemorySegment dw; // (co,kh,kw,ci)
  final MemorySegment dstored; // dw in the layout
  final MemorySegment db; // (co)

  OnednnFixture(OnednnEngine engine, OnednnConvolutionSpec s) {
    this.engine = engine;
    this.spec = s;
    layout =
        OnednnWeightLayout.of(engine, org.likeness.graph.DType.F32, s.co(), s.kh(), s.kw(), s.ci());
    long input = (long) s.n() * s.h() * s.w() * s.ci();
    long weight = (long) s.co() * s.kh() * s.kw() * s.ci();
    long output = (long) s.n() * s.ho() * s.wo() * s.co();
    x = random(input);
    w = random(weight);
    b = random(s.co());
    r = random(output);
    dy = random(output);
    y = poisoned(output * 4);
    dx = poisoned(input * 4);
    dw = poisoned(weight * 4);
    db = poisoned(s.co() * 4L);
    stored = poisoned(layout.bytes());
    dstored = poisoned(layout.bytes());
    layout.pack(w, stored);
  }

  OnednnConvolution convolution() {
    return new OnednnConvolution(engine, spec, layout.blocked());
  }

  List<MemorySegment> forwardOperands(OnednnEpilogue e) {
    List<MemorySegment> operands = new ArrayList<>(List.of(x, stored));
    if (e.bias()) {
      operands.add(b);
    }
    if (e.residual()) {
      operands.add(r);
    }
    operands.add(y);
    return operands;
  }

  void run(OnednnOperation operation, List<MemorySegment> operands) {
    operation.bind(poisoned(operation.scratchpadBytes()), operands.toArray(MemorySegment[]::new));
    operation.run();
  }

  private MemorySegment random(long elements) {
    return random(arena, random, elements);
  }

  private MemorySegment poisoned(long bytes) {
    return poisoned(arena, bytes);
  }

  static MemorySegment random(Arena arena, Random random, long elements) {
    MemorySegment memory = arena.allocate(elements * 4, 64);
    for (long i = 0; i < elements; i++) {
      memory.setAtIndex(C.FLOAT, i, random.nextFloat() * 2 - 1);
    }
    return memory;
  }

  /** Returns memory full of NaN. */
  static MemorySegment poisoned(Arena arena, long bytes) {
    return arena.allocate(Math.max(1, bytes), 64).fill((byte) 0xff);
  }

  static float[] floats(MemorySegment memory) {
    return memory.toArray(C.FLOAT);
  }

  /**
   * Compares with the definition.
   *
   * @param terms of each sum, of the size of 1: rounding grows with their root
   */
  void assertClose(String what, MemorySegment actual, double[] expected, int terms) {
    assertClose(what, floats(actual), expected, terms);
  }

  static void assertClose(String what, float[] actual, double[] expected, int terms) {
    assertEquals(expected.length, actual.length);
    double absolute = 1e-6 * Math.sqrt(terms);
    for (int i = 0; i < expected.length; i++) {
      double tolerance = absolute + RELATIVE * Math.abs(expected[i]);
      double error = Math.abs(actual[i] - expected[i]);
      if (!(error <= tolerance)) {
        fail(
            String.format(
                Locale.ROOT,
                "%s[%d] is %g, should be %g: %.1f times the tolerance",
                what,
                i,
                actual[i],
                expected[i],
                error / tolerance));
      }
    }
  }

  @Override
  public void close() {
    layout.close();
    arena.close();
  }
}
