package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.cpu.OnednnConvolutionSpec.Padding;
import org.likeness.device.cpu.OnednnEpilogue.Activation;

class OnednnConvolutionTest {
  private static final long PLENTY = 1L << 30;
  private static OnednnEngine engine;

  @BeforeAll
  static void open() {
    engine = OnednnEngine.open().orThrow();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  static Stream<OnednnConvolutionSpec> specs() {
    return Stream.of(
        new OnednnConvolutionSpec(1, 7, 5, 3, 22, 3, 3, 1, Padding.all(1), 1),
        new OnednnConvolutionSpec(3, 9, 11, 3, 64, 5, 5, 2, Padding.all(2), 1),
        new OnednnConvolutionSpec(2, 8, 8, 22, 5, 3, 3, 1, Padding.all(1), 1),
        new OnednnConvolutionSpec(3, 13, 9, 16, 32, 5, 5, 2, Padding.all(2), 1),
        new OnednnConvolutionSpec(1, 6, 6, 32, 3, 1, 1, 1, Padding.all(0), 1),
        new OnednnConvolutionSpec(3, 5, 7, 5, 1, 1, 1, 1, Padding.all(0), 1),
        new OnednnConvolutionSpec(2, 10, 10, 17, 19, 3, 3, 2, new Padding(0, 0, 1, 1), 1),
        new OnednnConvolutionSpec(1, 9, 8, 8, 24, 4, 4, 2, new Padding(2, 1, 1, 2), 1),
        new OnednnConvolutionSpec(2, 12, 12, 16, 16, 3, 3, 1, Padding.all(2), 2),
        new OnednnConvolutionSpec(1, 5, 5, 40, 33, 3, 5, 1, new Padding(1, 2, 1, 2), 1));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void forwardAddsBiasAndMatchesTheDefinition(OnednnConvolutionSpec spec) {
    forward(spec, OnednnEpilogue.BIAS);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void forwardWithoutBiasMatchesTheDefinition(OnednnConvolutionSpec spec) {
    forward(spec, OnednnEpilogue.NONE);
  }

  @ParameterizedTest
  @MethodSource("specs")
  void epilogueAddsResidualThenActivates(OnednnConvolutionSpec spec) {
    forward(spec, new OnednnEpilogue(1, true, true, new Activation.LeakyRelu(0.2)));
  }

  @ParameterizedTest
  @MethodSource("specs")
  void scaleMultipliesTheProductAndNotTheBias(OnednnConvolutionSpec spec) {
    forward(spec, new OnednnEpilogue(0.37, true, true, new Activation.LeakyRelu(0.1)));
  }

  private static int taps(OnednnConvolutionSpec s) {
    return s.kh() * s.kw();
  }

  private static void forward(OnednnConvolutionSpec s, OnednnEpilogue e) {
    try (OnednnFixture f = new OnednnFixture(engine, s);
        OnednnOperation op = f.convolution().forward(e, PLENTY)) {
      f.run(op, f.forwardOperands(e));
      f.assertClose("y", f.y, NaiveConvolution.forward(s, f.x, f.w, f.b, f.r, e), taps(s) * s.ci());
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void inputGradientMatchesTheDefinition(OnednnConvolutionSpec s) {
    for (double scale : new double[] {1, -0.6}) {
      try (OnednnFixture f = new OnednnFixture(engine, s);
          OnednnOperation op = f.convolution().backwardData(scale, PLENTY)) {
        f.run(op, List.of(f.dy, f.stored, f.dx));
        f.assertClose(
            "dx", f.dx, NaiveConvolution.backwardData(s, f.dy, f.w, scale), taps(s) * s.co());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void weightAndBiasGradientsMatchTheDefinition(OnednnConvolutionSpec s) {
    for (double scale : new double[] {1, -0.6}) {
      try (OnednnFixture f = new OnednnFixture(engine, s);
          OnednnOperation op = f.convolution().backwardWeights(scale, true, PLENTY)) {
        f.run(op, List.of(f.x, f.dy, f.dstored, f.db));
        f.layout.unpack(f.dstored, f.dw);
        int pixels = s.n() * s.ho() * s.wo();
        f.assertClose("dw", f.dw, NaiveConvolution.backwardWeights(s, f.x, f.dy, scale), pixels);
        f.assertClose("db", f.db, NaiveConvolution.backwardBias(s, f.dy), pixels);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void paddingOfTheStoredGradientIsZero(OnednnConvolutionSpec s) {
    try (OnednnFixture f = new OnednnFixture(engine, s);
        OnednnOperation op = f.convolution().backwardWeights(1, false, PLENTY)) {
      f.dstored.fill((byte) 0x7f);
      f.run(op, List.of(f.x, f.dy, f.dstored));
      float[] made = OnednnFixture.floats(f.dstored);
      f.layout.unpack(f.dstored, f.dw);
      f.dstored.fill((byte) 0x7f);
      f.layout.pack(f.dw, f.dstored); // writes zeros wherever no element lies
      assertArrayEquals(OnednnFixture.floats(f.dstored), made);
    }
  }

  @ParameterizedTest
  @MethodSource("specs")
  void weightsComeBackFromTheStoredLayout(OnednnConvolutionSpec s) {
    try (OnednnFixture f = new OnednnFixture(engine, s)) {
      f.layout.unpack(f.stored, f.dw);
      assertArrayEquals(OnednnFixture.floats(f.w), OnednnFixture.floats(f.dw));
    }
  }

  /** Stride 2, no zeros before and one after: y[2j] = W0 x[j] + W2 x[j-1], y[2j+1] = W1 x[j]. */
  @Test
  void inputGradientIsTheTransposedConvolution() {
    Padding padding = new Padding(0, 0, 1, 1);
    OnednnConvolutionSpec s = new OnednnConvolutionSpec(1, 2, 10, 1, 1, 1, 3, 2, padding, 1);
    // one row only: the kernel is 1 high, so rows 0 of input and output face each other
    try (OnednnFixture f = new OnednnFixture(engine, s);
        OnednnOperation op = f.convolution().backwardData(1, PLENTY)) {
      f.run(op, List.of(f.dy, f.stored, f.dx));
      float[] x = OnednnFixture.floats(f.dy);
      float[] w = OnednnFixture.floats(f.w);
      float[] y = OnednnFixture.floats(f.dx);
      for (int j = 0; j < 5; j++) {
        assertEquals(w[0] * x[j] + (j > 0 ? w[2] * x[j - 1] : 0), y[2 * j], 1e-6);
        assertEquals(w[1] * x[j], y[2 * j + 1], 1e-6);
      }
    }
  }

  @Test
  void theLayoutDoesNotDependOnBatchOrImage() {
    for (OnednnConvolutionSpec s : specs().filter(s -> s.dilation() == 1).toList()) {
      try (OnednnFixture f = new OnednnFixture(engine, s);
          OnednnOperation forward = f.convolution().forward(OnednnEpilogue.BIAS, PLENTY);
          OnednnOperation weights = f.convolution().backwardWeights(1, true, PLENTY)) {
        assertEquals(-1, forward.implementation().indexOf(" + "), s.toString());
        assertEquals(-1, weights.implementation().indexOf(" + "), s.toString());
      }
    }
  }

  @Test
  void aCeilingBelowEveryFastImplementationIsRefused() {
    OnednnConvolutionSpec s =
        new OnednnConvolutionSpec(2, 8, 8, 64, 128, 3, 3, 1, Padding.all(1), 1);
    try (OnednnFixture f = new OnednnFixture(engine, s)) {
      OnednnWorkspaceException refusal =
          assertThrows(OnednnWorkspaceException.class, () -> f.convolution().backwardData(1, 1000));
      assertEquals(
          "input gradient of "
              + s
              + " needs "
              + refusal.needed()
              + " bytes of workspace, the ceiling is 1000; raise the ceiling or make the batch"
              + " smaller",
          refusal.getMessage());
      try (OnednnOperation op = f.convolution().backwardData(1, refusal.needed())) {
        assertEquals(refusal.needed(), op.scratchpadBytes());
        f.run(op, List.of(f.dy, f.stored, f.dx));
        f.assertClose("dx", f.dx, NaiveConvolution.backwardData(s, f.dy, f.w, 1), taps(s) * s.co());
      }
    }
  }

  @Test
  void aCeilingPicksAnImplementationThatNeedsLess() {
    assumeTrue(
        engine.isa().startsWith("avx"),
        "for " + engine.isa() + " oneDNN has one implementation that is no reference");
    OnednnConvolutionSpec s =
        new OnednnConvolutionSpec(2, 16, 16, 64, 64, 5, 5, 2, Padding.all(2), 1);
    try (OnednnFixture f = new OnednnFixture(engine, s);
        OnednnOperation free = f.convolution().backwardData(1, PLENTY)) {
      long ceiling = free.scratchpadBytes() - 1;
      try (OnednnOperation bound = f.convolution().backwardData(1, ceiling)) {
        assertTrue(bound.scratchpadBytes() <= ceiling);
        f.run(bound, List.of(f.dy, f.stored, f.dx));
        f.assertClose("dx", f.dx, NaiveConvolution.backwardData(s, f.dy, f.w, 1), taps(s) * s.co());
      }
    }
  }

  @Test
  void sizesThatDoNotFitAreRefused() {
    assertEquals(
        "convolution: a kernel of 5x5 with dilation 1 does not fit into an input of 3x3 with"
            + " Padding[top=0, left=0, bottom=1, right=1]",
        assertThrows(
                IllegalArgumentException.class,
                () -> new OnednnConvolutionSpec(1, 3, 3, 1, 1, 5, 5, 1, new Padding(0, 0, 1, 1), 1))
            .getMessage());
  }
}
