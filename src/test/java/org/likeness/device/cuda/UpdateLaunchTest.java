package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.graph.DType;
import org.likeness.graph.Node;
import org.likeness.graph.Philox;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;
import org.likeness.graph.Update.Modifiers;

/** What optimiser updates launch, without running it. */
class UpdateLaunchTest {
  private static final Target TARGET = new Target(89, 64, 99 << 10, false);
  private static final long RATE = 1L << 50;
  private static final long CLIP = 2L << 50;
  private static final long COUNTER = 3L << 50;
  private static final long WORKSPACE = 4L << 50;
  private static final Modifiers ALL = new Modifiers(true, 0.3, 9, 0);

  @Test
  void aRunOfEqualUpdatesIsOneLaunchForEightyTensors() {
    List<Operands> run =
        IntStream.range(0, 200).mapToObj(i -> adaBelief(i, 10 + i, stream(ALL, i))).toList();
    List<Launch> launches = UpdateLowering.lower(run, TARGET);
    assertEquals(List.of(80, 80, 40), launches.stream().map(l -> l.grid().x()).toList());
    for (Launch launch : launches) {
      PtxEntries.of("update", "sm75").accept(launch, "a run");
    }
  }

  @Test
  void updatesThatDifferInMoreThanTheirTensorsDoNotShare() {
    Modifiers slower = new Modifiers(true, 0.2, 9, 0);
    List<Operands> run =
        List.of(adaBelief(0, 10, ALL), adaBelief(1, 10, slower), adaBelief(2, 10, ALL));
    List<Launch> launches = UpdateLowering.lower(run, TARGET);
    assertEquals(List.of(2, 1), launches.stream().map(l -> l.grid().x()).toList());
  }

  @Test
  void theTableHoldsEachTensorAndItsFirstBlock() {
    List<Operands> run =
        List.of(
            adaBelief(0, 8193, stream(ALL, 5)),
            adaBelief(1, 8192, stream(ALL, 6)),
            adaBelief(2, 1, stream(ALL, 7)));
    Launch launch = UpdateLowering.lower(run, TARGET).getFirst();
    assertEquals(4, launch.grid().x());
    for (int i = 0; i < 3; i++) {
      for (int a = 0; a < 4; a++) {
        assertEquals(address(i, a), field(launch, 0, 6 * i + a), "tensor " + i + " operand " + a);
      }
    }
    assertEquals(8193, field(launch, 0, 4));
    assertEquals(5L << 32, field(launch, 0, 5));
    assertEquals(2 | 6L << 32, field(launch, 0, 11));
    assertEquals(3 | 7L << 32, field(launch, 0, 17));
    assertEquals(3, field(launch, 0, 480));
  }

  @Test
  void whatIsSharedIsPassedOnceAndWhatIsAbsentIsNull() {
    Launch all = UpdateLowering.lower(List.of(adaBelief(0, 10, ALL)), TARGET).getFirst();
    assertEquals(List.of(RATE, CLIP, COUNTER, 9L), fields(all, 1, 4));
    Launch none = UpdateLowering.lower(List.of(rmsProp(Modifiers.NONE)), TARGET).getFirst();
    assertEquals(List.of(RATE, 0L, 0L, 0L), fields(none, 1, 4));
    PtxEntries.of("update", "sm75").accept(none, "rmsProp");
  }

  /** The kernel compares 24 bits with this integer, the oracle a double with the share itself. */
  @Test
  void theThresholdDrawsWhatTheOracleDraws() {
    for (double keep : new double[] {0.3, 0.5, 1 - 0x1p-24, 0x1p-24, 1e-9, 0.1 + 0x1p-30}) {
      Modifiers m = new Modifiers(false, keep, 9, 0);
      Launch launch = UpdateLowering.lower(List.of(rmsProp(m)), TARGET).getFirst();
      long threshold = field(launch, 1, 4);
      for (long u : new long[] {0, 1, threshold - 1, threshold, threshold + 1, (1 << 24) - 1}) {
        assertEquals(u * 0x1p-24 < keep, u < threshold, keep + " at " + u);
      }
      for (long position = 0; position < 100; position++) {
        int bits = Philox.bits(9, 4, position) >>> 8;
        assertEquals(Philox.uniform(9, 4, position) < keep, bits < threshold);
      }
    }
  }

  @Test
  void clipFactorSumsChunksOfAllGradientsInItsWorkspace() {
    List<Tensor> gradients = new ArrayList<>();
    List<Long> addresses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      gradients.add(tensor("g" + i, Shape.of(8192 + i), DType.F32));
      addresses.add(address(i, 0));
    }
    Node node =
        new Node(
            new Update.ClipFactor(1), gradients, List.of(tensor("clip", Shape.of(1), DType.F32)));
    List<Launch> launches =
        Launches.of(new Operands(node, addresses, List.of(CLIP), WORKSPACE), TARGET);
    // the first gradient is one chunk, the others are two
    assertEquals(List.of(159, 40, 1), launches.stream().map(l -> l.grid().x()).toList());
    assertEquals(199 * 8, Lowering.workspaceBytes(node, TARGET));
    assertEquals(new Pointer(WORKSPACE + 159 * 8), launches.get(1).arguments().getLast());
    launches.forEach(l -> PtxEntries.of("update", "sm75").accept(l, "clipFactor"));
  }

  @Test
  void countersAndRatesGiveKernelsWhatTheyDeclare() {
    Tensor counter = tensor("t", Shape.of(1), DType.I64);
    Node increment = new Node(new Update.Increment(), List.of(counter), List.of());
    Node rate =
        new Node(
            new Update.CosineRate(5e-5, 500, DType.F32),
            List.of(counter),
            List.of(tensor("rate", Shape.of(1), DType.F32)));
    for (Operands o :
        List.of(
            new Operands(increment, List.of(COUNTER), List.of(), 0),
            new Operands(rate, List.of(COUNTER), List.of(RATE), 0))) {
      List<Launch> launches = Launches.of(o, TARGET);
      assertEquals(1, launches.size());
      PtxEntries.of("update", "sm75").accept(launches.getFirst(), o.node().op().name());
    }
  }

  @Test
  void parametersInHalfPrecisionAreRefused() {
    Tensor w = tensor("w", Shape.of(3), DType.BF16);
    Tensor rate = tensor("rate", Shape.of(1), DType.F32);
    Node node =
        new Node(new Update.RmsProp(0.9, 1e-7, Modifiers.NONE), List.of(w, w, w, rate), List.of());
    Operands o = new Operands(node, List.of(0L, 0L, 0L, 0L), List.of(), 0);
    assertEquals(
        "rmsProp: CUDA devices update in f32, not in bf16",
        assertThrows(IllegalArgumentException.class, () -> Lowering.lower(o, TARGET)).getMessage());
  }

  private static Operands adaBelief(int index, int elements, Modifiers modifiers) {
    Update op = new Update.AdaBelief(0.9, 0.999, 1e-7, modifiers);
    List<Tensor> inputs = new ArrayList<>();
    List<Long> addresses = new ArrayList<>();
    for (int a = 0; a < 4; a++) {
      inputs.add(tensor("p" + a, Shape.of(elements), DType.F32));
      addresses.add(address(index, a));
    }
    inputs.add(tensor("rate", Shape.of(1), DType.F32));
    inputs.add(tensor("clip", Shape.of(1), DType.F32));
    inputs.add(tensor("t", Shape.of(1), DType.I64));
    addresses.addAll(List.of(RATE, CLIP, COUNTER));
    return new Operands(new Node(op, inputs, List.of()), addresses, List.of(), 0);
  }

  private static Operands rmsProp(Modifiers modifiers) {
    Update op = new Update.RmsProp(0.9, 1e-7, modifiers);
    Tensor w = tensor("w", Shape.of(3), DType.F32);
    List<Tensor> inputs = new ArrayList<>(List.of(w, w, w, tensor("rate", Shape.of(1), DType.F32)));
    List<Long> addresses = new ArrayList<>(List.of(0L, 256L, 512L, RATE));
    if (modifiers.keep() < 1) {
      inputs.add(tensor("t", Shape.of(1), DType.I64));
      addresses.add(COUNTER);
    }
    return new Operands(new Node(op, inputs, List.of()), addresses, List.of(), 0);
  }

  private static Modifiers stream(Modifiers m, int stream) {
    return new Modifiers(m.clipped(), m.keep(), m.seed(), stream);
  }

  private static long address(int tensor, int operand) {
    return (1L << 40) * (tensor + 1) + (operand << 20);
  }

  private static long field(Launch launch, int argument, int index) {
    Struct struct = (Struct) launch.arguments().get(argument);
    return struct.bytes().get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * index);
  }

  private static List<Long> fields(Launch launch, int argument, int count) {
    return IntStream.range(0, count).mapToObj(i -> field(launch, argument, i)).toList();
  }

  private static Tensor tensor(String name, Shape shape, DType type) {
    return new Tensor(0, name, shape, type, Role.VALUE);
  }
}
