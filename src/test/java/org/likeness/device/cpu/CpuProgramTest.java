package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.graph.Cut;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;

class CpuProgramTest {
  private static final Architecture TINY =
      Architecture.of("df-ud", 64, new Architecture.Dims(8, 4, 4, 2));

  private static Graph tinyStep() {
    return TrainingStep.describe(TINY, StepSettings.defaults(2)).scheduled();
  }

  static List<Cut> cuts() {
    return List.of(Cut.NONE, Cut.all(2), Cut.afterTrunk(2));
  }

  /** The plan is the peak: the last planned byte is written and the slab is not larger. */
  @ParameterizedTest
  @MethodSource("cuts")
  void plannedPeakIsWhatARunTouches(Cut cut) {
    Graph described =
        TrainingStep.describe(TINY, StepSettings.defaults(2))
            .fetching(List.of("src_loss", "dst_loss"), false);
    Graph graph = Levers.DEFAULT.with(cut).apply(described);
    try (CpuDevice device = new CpuDevice();
        State state = device.allocate(graph.persistent())) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      try (Program program = device.load(plan, state)) {
        MemorySegment slab = ((CpuProgram) program).slab();
        assertEquals(plan.memory().slabBytes(), slab.byteSize());
        feedNoise(program, graph, state);
        byte[] untouched = untouchedAfterRuns(program, slab);
        plan.memory()
            .placements()
            .forEach(
                p -> {
                  if (!p.interval().tensors().isEmpty()) {
                    assertTrue(touched(untouched, p.offset()), p + " starts untouched");
                  }
                });
        long last = slab.byteSize() - 1;
        while (last >= 0 && untouched[(int) last] == 1) {
          last--;
        }
        // the last value may end in padding to the alignment
        assertTrue(
            slab.byteSize() - 1 - last < CpuDevice.ALIGNMENT,
            "planned " + slab.byteSize() + " bytes, touched " + (last + 1));
      }
      assertEquals(
          plan.memory().pools().get("parameters") + plan.memory().pools().get("optimizer"),
          graph.persistent().stream().mapToLong(device.profile(graph)::bytes).sum());
    }
  }

  /** A byte is touched when a run changes it from one of two fillings. */
  private static byte[] untouchedAfterRuns(Program program, MemorySegment slab) {
    byte[] untouched = new byte[(int) slab.byteSize()];
    java.util.Arrays.fill(untouched, (byte) 1);
    Graph graph = program.plan().graph();
    for (byte filling : new byte[] {0x5A, (byte) 0xA5}) {
      slab.fill(filling);
      feed(program, graph);
      program.run();
      for (int i = 0; i < untouched.length; i++) {
        if (slab.get(ValueLayout.JAVA_BYTE, i) != filling) {
          untouched[i] = 0;
        }
      }
    }
    return untouched;
  }

  private static boolean touched(byte[] untouched, long offset) {
    for (int i = 0; i < 8; i++) {
      if (untouched[(int) offset + i] == 0) {
        return true;
      }
    }
    return false;
  }

  private static void feedNoise(Program program, Graph graph, State state) {
    try (Arena arena = Arena.ofConfined()) {
      for (Tensor t : graph.leaves(Role.PARAMETER)) {
        MemorySegment dense = arena.allocate(t.bytes(), 64);
        for (long i = 0; i < t.shape().elements(); i++) {
          dense.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) Math.sin(i) * 0.05f);
        }
        state.write(t.name(), dense);
      }
    }
    feed(program, graph);
  }

  private static void feed(Program program, Graph graph) {
    try (Arena arena = Arena.ofConfined()) {
      for (Tensor t : graph.leaves(Role.FEED)) {
        MemorySegment dense = arena.allocate(t.bytes(), 64);
        for (long i = 0; i < t.shape().elements(); i++) {
          dense.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.5 + 0.4 * Math.sin(0.3 * i)));
        }
        program.write(t.name(), dense);
      }
    }
  }

  @Test
  void refusesAStateThatLacksATensor() {
    Graph graph = tinyStep();
    try (CpuDevice device = new CpuDevice();
        State empty = device.allocate(List.of())) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> device.load(plan, empty));
      assertEquals("the state has no tensor encoder/down1/downs_0/conv1/weight:0", e.getMessage());
    }
  }

  @Test
  void refusesAStateOfAnotherShape() {
    Graph graph = tinyStep();
    List<Tensor> other =
        graph.persistent().stream()
            .map(t -> new Tensor(t.id(), t.name(), Shape.of(7), DType.F32, t.role()))
            .toList();
    try (CpuDevice device = new CpuDevice();
        State state = device.allocate(other)) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> device.load(plan, state));
      assertEquals(
          "the state holds %encoder/down1/downs_0/conv1/weight:0 (7) f32 where"
              + " %encoder/down1/downs_0/conv1/weight:0 (4,5,5,3) f32 is wanted",
          e.getMessage());
    }
  }
}
