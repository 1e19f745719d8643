package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.graph.Activation;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;
import org.likeness.testing.OnCuda;

/** The f32 convolutions and dense products against the same in f64. */
@OnCuda
class ConvolutionTileTest {
  /** A card that small is filled by any product: the choice then spares multiply-adds. */
  private static final Target TARGET = new Target(75, 2, 48 << 10, false);

  private static NodeRun run;

  @BeforeAll
  static void open() {
    run = new NodeRun();
  }

  @AfterAll
  static void close() {
    run.close();
  }

  @Test
  void everyTileAndSplitComputesAwkwardSizes() {
    Set<String> tiles = new HashSet<>();
    for (LinearCases.Case c : LinearCases.awkward()) {
      Node node = c.node();
      double[][] in = NodeRun.random(node, 7);
      double[][] expected = NodeRun.expected(node, in);
      for (Candidate candidate : ConvolutionChoice.candidates(node, TARGET)) {
        run.check(node, candidate, in, expected, tolerance(node));
        tiles.add(ConvolutionGeometry.of(node).direction() + " " + candidate.variant().name());
      }
    }
    assertEquals(3 * ConvolutionTile.ALL.size(), tiles.size(), tiles.toString());
  }

  @Test
  void everyChannelShapeOfTheStandardWorkloadsIsRight() {
    for (LinearCases.Case c : LinearCases.standard(3)) {
      Node node = c.node();
      double[][] in = NodeRun.random(node, 11);
      Candidate candidate = (Candidate) Tactics.choose(node, TARGET);
      run.check(node, candidate, in, NodeRun.expected(node, in), tolerance(node));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 16}) // channels of a shuffled pixel: 3 alone, or 4 at once
  void theStoreMayShuffleDepthToSpace(int co) {
    Shape x = Shape.of(2, 3, 5, 24);
    Shape y = Shape.of(2, 3, 5, co);
    Epilogue epilogue = new Epilogue(true, Activation.leakyRelu(0.2));
    Conv2d op = new Conv2d(Window.centred(3, 1), 0.7, true, epilogue);
    LinearCases.Case c = new LinearCases.Case(op, x, Shape.of(co, 3, 3, 24), Shape.of(co), y);
    Node node = c.node();
    double[][] in = NodeRun.random(node, 5);
    double[] residual = in[3];
    int[] shuffled = shuffled(y);
    double[][] plain = in.clone(); // the residual is as the result: shuffled
    plain[3] = IntStream.of(shuffled).mapToDouble(i -> residual[i]).toArray();
    double[] sums = NodeRun.expected(node, plain)[0];
    double[] expected = new double[sums.length];
    IntStream.range(0, sums.length).forEach(i -> expected[shuffled[i]] = sums[i]);
    for (Candidate candidate : ConvolutionChoice.candidates(node, TARGET)) {
      double[][] out =
          run.cuda(
              node,
              in,
              candidate.workspaceBytes(),
              o -> LinearLowering.lower(op, o, candidate).stream().map(this::shuffling).toList());
      NodeRun.compare(
          c + " by " + candidate.name(), node, out, new double[][] {expected}, tolerance(node));
    }
  }

  /** Returns where depth to space by 2 puts each element (spec model.md 2.2). */
  private static int[] shuffled(Shape y) {
    int channels = y.c() / 4;
    return IntStream.range(0, Math.toIntExact(y.elements()))
        .map(
            e -> {
              int block = e % y.c() / channels;
              int pixel = e / y.c();
              int line = pixel / y.w() * 2 + block / 2;
              int left = pixel % y.w() * 2 + block % 2;
              return (line * y.w() * 2 + left) * channels + e % channels;
            })
        .toArray();
  }

  /** Sets the block of the store, which no node asks for yet, at its place in the parameters. */
  private Launch shuffling(Launch launch) {
    Launch.Argument.Struct plain = (Launch.Argument.Struct) launch.arguments().getFirst();
    byte[] bytes = plain.bytes().toArray(ValueLayout.JAVA_BYTE);
    ByteBuffer parameters = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int place = ConvolutionParameters.BYTES - 3 * Integer.BYTES;
    assertEquals(1, parameters.getInt(place));
    parameters.putInt(place, 2);
    return new Launch(
        launch.entry(),
        launch.grid(),
        launch.sharedBytes(),
        List.of(new Launch.Argument.Struct(MemorySegment.ofArray(bytes))));
  }

  /**
   * A sum of {@code depth} products of operands below 1.5 wanders like 0.75 sqrt(depth), and each
   * addition rounds it by 2^-25 of that at most: together below 2^-24 depth even if all errors had
   * one sign. Twice that, and the epilogue's own; x cos x multiplies an error by its slope, up to
   * its argument's size (40 here).
   */
  private static NodeRun.Tolerance tolerance(Node node) {
    boolean steep =
        node.op() instanceof Conv2d conv && conv.epilogue().activation().equals(Activation.X_COS_X);
    int depth = ConvolutionGeometry.of(node).depth();
    return new NodeRun.Tolerance(0x1p-23 * (depth + 8) * (steep ? 40 : 1), type -> 0);
  }
}
