package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.graph.DType;
import org.likeness.graph.Node;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;
import org.likeness.graph.Update.Modifiers;

class DenseUpdateLaunchTest {
  private static final Target TARGET = new Target(89, 64, 99 << 10, false);

  private static Operands operands(Update.Rule rule, int in, int out, DType weight, DType... xy) {
    Update op = new Update.DenseUpdate(0.5, rule);
    Shape w = Shape.of(in, out);
    List<Tensor> inputs = new ArrayList<>(List.of(tensor(w, weight)));
    inputs.add(tensor(Shape.of(3, in), xy[0]));
    inputs.add(tensor(Shape.of(3, out), xy[1]));
    for (int i = 0; i < rule.slots(); i++) {
      inputs.add(tensor(w, DType.F32));
    }
    inputs.add(tensor(Shape.of(1), DType.F32));
    List<Long> addresses = new ArrayList<>();
    inputs.forEach(t -> addresses.add((addresses.size() + 1) * 256L));
    return new Operands(new Node(op, inputs, List.of()), addresses, List.of(), 0);
  }

  private static Tensor tensor(Shape shape, DType type) {
    return new Tensor(0, "t", shape, type, Role.VALUE);
  }

  private static final Update.Rule ADABELIEF =
      new Update.AdaBelief(0.9, 0.999, 1e-7, new Modifiers(false, 1, 9, 5));

  private static final Update.Rule RMSPROP = new Update.RmsProp(0.9, 1e-7, Modifiers.NONE);

  @Test
  void aBlockTakesATileAndKnowsWhereEverythingLies() {
    Operands o = operands(ADABELIEF, 129, 65, DType.F32, DType.BF16, DType.BF16);
    Launch launch = Launches.of(o, TARGET).getFirst();
    assertEquals(3 * 2, launch.grid().x());
    long[] expected = {
      256, 512, 768, 1024, 1280, 3 | 129L << 32, 65 | 2L << 32, 1 | 5L << 32,
    };
    Struct struct = (Struct) launch.arguments().getFirst();
    for (int i = 0; i < expected.length; i++) {
      long field = struct.bytes().get(ValueLayout.JAVA_LONG_UNALIGNED, 8L * i);
      assertEquals(expected[i], field, "field " + i);
    }
    assertEquals(new F32(0.5f), launch.arguments().getLast());
    assertEquals(0, Lowering.workspaceBytes(o.node(), TARGET));
  }

  @Test
  void kernelsAreGivenWhatTheyDeclare() {
    for (Update.Rule rule : List.of(ADABELIEF, RMSPROP)) {
      Operands o = operands(rule, 3, 5, DType.F32, DType.F32, DType.F32);
      List<Launch> launches = Launches.of(o, TARGET);
      assertEquals(1, launches.size());
      PtxEntries.of("dense_update", "sm75").accept(launches.getFirst(), rule.name());
    }
  }

  @Test
  void typesThatTheKernelLacksAreRefused() {
    Operands half = operands(RMSPROP, 3, 5, DType.F16, DType.F16, DType.F16);
    Operands mixed = operands(RMSPROP, 3, 5, DType.F32, DType.F32, DType.BF16);
    assertEquals("denseUpdate: CUDA devices update in f32, not in f16", message(half));
    assertEquals(
        "denseUpdate: input is f32 and output gradient bf16: cast one of them", message(mixed));
  }

  private static String message(Operands o) {
    return assertThrows(IllegalArgumentException.class, () -> Lowering.lower(o, TARGET))
        .getMessage();
  }
}
