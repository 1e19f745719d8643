package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.device.OpCases.Case;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Movement;
import org.likeness.graph.Node;
import org.likeness.graph.Op;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/** What elementwise, moving and summing operations launch, without running it. */
class ElementwiseLaunchTest {
  private static final Target TARGET = new Target(89, 64, 99 << 10, false);

  /** Places of operands, far apart. */
  private static final long APART = 1L << 40;

  private static final long WORKSPACE = 1L << 50;

  @ParameterizedTest
  @EnumSource(FloatType.class)
  void launchesGiveKernelsWhatTheyDeclare(FloatType type) {
    Set<String> used = new HashSet<>();
    for (Case c : ElementwiseCases.all()) {
      for (Launch launch : launches(c.op(), DType.valueOf(type.name()), c.inputs())) {
        PtxEntries.of(launch.entry().family(), "sm75").accept(launch, c.toString());
        used.add(launch.entry().name());
      }
    }
    Set<String> unused = new HashSet<>();
    for (String family :
        List.of("pointwise", "pointwise_backward", "pointwise_loss", "binary", "reduction")) {
      unused.addAll(PtxEntries.of(family, "sm75").entries().keySet());
    }
    unused.removeIf(name -> !name.matches(".*_" + type.entry("").substring(1) + "(_.*)?"));
    unused.removeAll(used);
    assertEquals(Set.of(), unused, "entries that no case launches");
  }

  @Test
  void castsAndConstantsGiveKernelsWhatTheyDeclare() {
    List<DType> types = List.of(DType.F32, DType.BF16, DType.F16, DType.U8);
    for (DType from : types) {
      for (DType to : types) {
        for (Launch launch : launches(new Pointwise.Cast(to), from, List.of(Shape.of(3, 7)))) {
          PtxEntries.of(launch.entry().family(), "sm75").accept(launch, from + " to " + to);
        }
      }
    }
    for (DType type : List.of(DType.F32, DType.BF16, DType.F16, DType.U8, DType.I64)) {
      Op constant = new Pointwise.Constant(Shape.of(3, 7), type, 2);
      List<Launch> launches = launches(constant, type, List.of());
      assertEquals(1, launches.size());
      PtxEntries.of("movement", "sm75").accept(launches.getFirst(), constant.toString());
    }
  }

  @Test
  void constantsFillWithTheirBits() {
    assertEquals(0x3F8000003F800000L, pattern(DType.F32, 1));
    assertEquals(0x3F803F803F803F80L, pattern(DType.BF16, 1));
    assertEquals(0x3C003C003C003C00L, pattern(DType.F16, 1));
    assertEquals(0x0707070707070707L, pattern(DType.U8, 7));
    assertEquals(-2, pattern(DType.I64, -2));
    // half of bf16's step above 1 rounds to even, more than half up
    assertEquals(0x3F803F803F803F80L, pattern(DType.BF16, 1 + 0x1p-8));
    assertEquals(0x3F813F813F813F81L, pattern(DType.BF16, 1 + 0x1p-8 + 0x1p-16));
  }

  private static long pattern(DType type, double value) {
    Op constant = new Pointwise.Constant(Shape.of(4), type, value);
    Launch launch = launches(constant, type, List.of()).getFirst();
    return ((Pointer) launch.arguments().getLast()).address();
  }

  @Test
  void gridsHoldTheLargestActivations() {
    Shape large = Shape.of(16, 704, 704, 64);
    List<Case> cases =
        List.of(
            new Case(new Pointwise.Activate(Activation.leakyRelu(0.1)), large),
            new Case(new Binary(Binary.Kind.ADD), large, Shape.of(1, 1, 1, 64)),
            new Case(new Binary(Binary.Kind.MUL), large, Shape.of(16, 704, 704, 1)),
            new Case(new Binary(Binary.Kind.MUL), large, Shape.of(1, 1, 1, 1)),
            new Case(new Movement.DepthToSpace(2), large),
            new Case(new Movement.SpaceToDepth(2), large),
            new Case(new Movement.Flatten(), large),
            new Case(new Movement.Concat(3), large, large),
            new Case(new Movement.Slice(3, 1, 2), large),
            new Case(new Movement.Pad(1, 1, 1), large),
            new Case(new Reduction.SumPerSample(1), large),
            new Case(new Reduction.SumTo(Shape.of(1, 1, 1, 64)), large),
            new Case(new Reduction.SumTo(Shape.of(16, 704, 704, 1)), large),
            new Case(new Reduction.RepeatTo(large), Shape.of(16, 1, 1, 64)),
            new Case(new Reduction.PixelNorm(1e-6), large),
            new Case(new Reduction.PixelNormGrad(1e-6), large, large),
            new Case(new Reduction.Statistics(), large));
    for (Case c : cases) {
      for (DType type : List.of(DType.F32, DType.BF16)) {
        List<Launch> launches = launches(c.op(), type, c.inputs());
        launches.forEach(l -> assertTrue(l.grid().x() > 0, c.toString()));
        long threads = threads(launches.getFirst());
        boolean sums = c.op() instanceof Reduction r && !(r instanceof Reduction.RepeatTo);
        long output = c.op().infer(c.inputs()).getFirst().elements() * type.bytes();
        boolean parts = sums || launches.size() > 1;
        assertTrue(parts || threads * 32 >= output, c + ": " + threads + " threads");
      }
    }
  }

  private static long threads(Launch launch) {
    return (long) launch.grid().x() * launch.grid().threads();
  }

  @Test
  void whatLiesWhereItBelongsIsNotCopied() {
    Tensor x = tensor("x", Shape.of(3), DType.F32);
    Node node = new Node(new Pointwise.StopGradient(), List.of(x), List.of(x));
    Operands same = new Operands(node, List.of(APART), List.of(APART), 0);
    assertEquals(List.of(), Lowering.lower(same, TARGET));
  }

  @Test
  void repeatedAxesMerge() {
    Op op = new Binary(Binary.Kind.ADD);
    MergedAxes axes = MergedAxes.of(op, Shape.of(2, 1, 1, 3), Shape.of(2, 5, 7, 3));
    assertEquals(
        List.of(
            new MergedAxes.Axis(3, true),
            new MergedAxes.Axis(35, false),
            new MergedAxes.Axis(2, true)),
        axes.axes());
  }

  @Test
  void longSumsAreCutTheSameWayOnEveryCard() {
    Op op = new Reduction.SumPerSample(1);
    Shape x = Shape.of(16, 704, 704, 3);
    Target small = new Target(75, 10, 64 << 10, false);
    List<Launch> here = launches(op, DType.F32, List.of(x), TARGET);
    List<Launch> there = launches(op, DType.F32, List.of(x), small);
    assertEquals(here.getFirst().grid(), there.getFirst().grid());
    assertEquals(2, here.size());
    Node node = node(op, DType.F32, List.of(x));
    assertEquals(
        (long) here.getFirst().grid().x() * Double.BYTES, Lowering.workspaceBytes(node, TARGET));
  }

  @Test
  void mixedAndDoubleTypesAreRefused() {
    Shape s = Shape.of(3);
    Tensor a = tensor("a", s, DType.F32);
    Tensor b = tensor("b", s, DType.BF16);
    Node mixed = new Node(new Binary(Binary.Kind.ADD), List.of(a, b), List.of(a));
    Operands o = new Operands(mixed, List.of(0L, APART), List.of(0L), 0);
    assertEquals(
        "add: input 1 is bf16 and the output f32: cast it first",
        assertThrows(IllegalArgumentException.class, () -> Lowering.lower(o, TARGET)).getMessage());
    assertEquals(
        "pixelNorm: CUDA devices compute in f32, bf16 and f16, not in f64",
        assertThrows(
                IllegalArgumentException.class,
                () -> launches(new Reduction.PixelNorm(1e-6), DType.F64, List.of(s)))
            .getMessage());
  }

  static List<Launch> launches(Op op, DType type, List<Shape> inputs) {
    return launches(op, type, inputs, TARGET);
  }

  private static List<Launch> launches(Op op, DType type, List<Shape> inputs, Target target) {
    Node node = node(op, type, inputs);
    List<Long> in = Stream.iterate(APART, a -> a + APART).limit(inputs.size()).toList();
    List<Long> out = List.of((inputs.size() + 1) * APART);
    return Launches.of(new Operands(node, in, out, WORKSPACE), target);
  }

  private static Node node(Op op, DType type, List<Shape> shapes) {
    List<Tensor> inputs = new ArrayList<>();
    for (Shape shape : shapes) {
      inputs.add(tensor("x" + inputs.size(), shape, type));
    }
    DType result = op.dtype(inputs.stream().map(Tensor::dtype).toList());
    return new Node(op, inputs, List.of(tensor("y", op.infer(shapes).getFirst(), result)));
  }

  private static Tensor tensor(String name, Shape shape, DType type) {
    return new Tensor(0, name, shape, type, Role.VALUE);
  }
}
