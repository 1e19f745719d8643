package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.cpu.OnednnEpilogue.Activation;

class OnednnDenseTest {
  private static final long PLENTY = 1L << 30;
  private static final Arena ARENA = Arena.ofAuto();
  private static OnednnEngine engine;

  @BeforeAll
  static void open() {
    engine = OnednnEngine.open().orThrow();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  /** The operands of one dense layer. */
  record Case(int n, int in, int out, MemorySegment x, MemorySegment w, MemorySegment b) {
    static Case of(int n, int in, int out) {
      Random random = new Random(3);
      return new Case(
          n,
          in,
          out,
          OnednnFixture.random(ARENA, random, (long) n * in),
          OnednnFixture.random(ARENA, random, (long) in * out),
          OnednnFixture.random(ARENA, random, out));
    }

    OnednnDense dense() {
      return new OnednnDense(engine, n, in, out);
    }

    MemorySegment dy() {
      return OnednnFixture.random(ARENA, new Random(5), (long) n * out);
    }

    @Override
    public String toString() {
      return n + " x " + in + " to " + out;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(
        Case.of(1, 5, 22),
        Case.of(3, 22, 5),
        Case.of(4, 300, 64),
        Case.of(8, 64, 1023),
        Case.of(5, 1, 1),
        Case.of(16, 257, 33));
  }

  static Stream<OnednnEpilogue> epilogues() {
    return Stream.of(
        OnednnEpilogue.NONE,
        OnednnEpilogue.BIAS,
        new OnednnEpilogue(0.3, true, false, new Activation.Identity()),
        new OnednnEpilogue(-2, true, true, new Activation.LeakyRelu(0.1)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void forwardMatchesTheDefinition(Case c) {
    for (OnednnEpilogue e : epilogues().toList()) {
      MemorySegment y = OnednnFixture.poisoned(ARENA, 4L * c.n * c.out);
      MemorySegment r = c.dy();
      List<MemorySegment> operands = new ArrayList<>(List.of(c.x, c.w));
      if (e.bias()) {
        operands.add(c.b);
      }
      if (e.residual()) {
        operands.add(r);
      }
      operands.add(y);
      run(c.dense().forward(e, PLENTY), operands);
      double[] expected = product(c.x, c.w, c.n, c.in, c.out);
      NaiveConvolution.finish(expected, OnednnFixture.floats(c.b), OnednnFixture.floats(r), e);
      OnednnFixture.assertClose("y", OnednnFixture.floats(y), expected, c.in);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void inputGradientMatchesTheDefinition(Case c) {
    for (double scale : new double[] {1, 0.7}) {
      MemorySegment dx = OnednnFixture.poisoned(ARENA, 4L * c.n * c.in);
      MemorySegment dy = c.dy();
      run(c.dense().backwardData(scale, PLENTY), List.of(dy, c.w, dx));
      double[] expected = new double[c.n * c.in];
      float[] fy = OnednnFixture.floats(dy);
      float[] fw = OnednnFixture.floats(c.w);
      for (int i = 0; i < expected.length; i++) {
        for (int o = 0; o < c.out; o++) {
          expected[i] += scale * fy[i / c.in * c.out + o] * fw[i % c.in * c.out + o];
        }
      }
      OnednnFixture.assertClose("dx", OnednnFixture.floats(dx), expected, c.out);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void weightAndBiasGradientsMatchTheDefinition(Case c) {
    for (double scale : new double[] {1, 0.7}) {
      MemorySegment dw = OnednnFixture.poisoned(ARENA, 4L * c.in * c.out);
      MemorySegment db = OnednnFixture.poisoned(ARENA, 4L * c.out);
      MemorySegment dy = c.dy();
      run(c.dense().backwardWeights(scale, true, PLENTY), List.of(c.x, dy, dw, db));
      double[] expected = new double[c.in * c.out];
      float[] fx = OnednnFixture.floats(c.x);
      float[] fy = OnednnFixture.floats(dy);
      for (int i = 0; i < c.n * c.in * c.out; i++) {
        int row = i / (c.in * c.out);
        int at = i % (c.in * c.out);
        expected[at] += scale * fx[row * c.in + at / c.out] * fy[row * c.out + at % c.out];
      }
      OnednnFixture.assertClose("dw", OnednnFixture.floats(dw), expected, c.n);
      double[] sums = NaiveConvolution.columnSums(fy, c.out);
      OnednnFixture.assertClose("db", OnednnFixture.floats(db), sums, c.n);
      MemorySegment alone = OnednnFixture.poisoned(ARENA, 4L * c.in * c.out);
      run(c.dense().backwardWeights(scale, false, PLENTY), List.of(c.x, dy, alone));
      assertEquals(-1, alone.mismatch(dw));
    }
  }

  @Test
  void aCeilingThatNothingFitsUnderIsRefused() {
    OnednnDense dense = new OnednnDense(engine, 8, 64, 1024);
    OnednnWorkspaceException refusal =
        assertThrows(OnednnWorkspaceException.class, () -> dense.backwardData(1, -1));
    assertEquals(
        "input gradient of a dense layer (8,64) to 1024 needs "
            + refusal.needed()
            + " bytes of workspace, the ceiling is -1; raise the ceiling or make the batch"
            + " smaller",
        refusal.getMessage());
  }

  private static void run(OnednnOperation operation, List<MemorySegment> operands) {
    try (operation) {
      operation.bind(
          OnednnFixture.poisoned(ARENA, operation.scratchpadBytes()),
          operands.toArray(MemorySegment[]::new));
      operation.run();
    }
  }

  private static double[] product(MemorySegment x, MemorySegment w, int n, int in, int out) {
    double[] y = new double[n * out];
    float[] fx = OnednnFixture.floats(x);
    float[] fw = OnednnFixture.floats(w);
    for (int i = 0; i < n * in; i++) {
      for (int o = 0; o < out; o++) {
        y[i / in * out + o] += (double) fx[i] * fw[i % in * out + o];
      }
    }
    return y;
  }
}
