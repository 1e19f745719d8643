package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.device.Device;
import org.likeness.device.OneRun;
import org.likeness.device.State;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Optimizer;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** Optimisers whose slots lie in the host's memory. */
@OnSoftCuda
class HostSlotsTest {
  private static CudaDevice device;
  private static CpuDevice processor;

  @BeforeAll
  static void open() {
    device = SoftDevice.open();
    processor = new CpuDevice();
  }

  @AfterAll
  static void close(SoftCuda softCuda) {
    device.close();
    processor.close();
    assertEquals("", softCuda.liveObjects());
  }

  /** Updates of a tensor longer than one block and of one of a single element. */
  private static Graph updates(Optimizer.Rule rule, boolean host) {
    GraphBuilder b = new GraphBuilder();
    Map<Tensor, Tensor> gradients = new HashMap<>();
    for (int elements : new int[] {8203, 1}) {
      Shape shape = Shape.of(elements);
      Tensor w = b.leaf(Role.PARAMETER, "net/w" + elements + ":0", shape, DType.F32);
      gradients.put(w, b.leaf(Role.FEED, "g" + elements, shape, DType.F32));
    }
    List<Tensor> parameters = b.build().leaves(Role.PARAMETER);
    Optimizer optimizer = new Optimizer("opt", rule, 1e-2, 500, 1, 0.3, host);
    return optimizer.update(b.build(), parameters, gradients, 7);
  }

  private static Map<String, double[]> leaves(Graph graph) {
    Random random = new Random(3);
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor leaf : graph.leaves()) {
      double[] values = random.doubles(leaf.shape().elements(), 0, 1).map(v -> (float) v).toArray();
      leaves.put(leaf.name(), leaf.dtype() == DType.I64 ? new double[] {20} : values);
    }
    return leaves;
  }

  @ParameterizedTest
  @EnumSource(Optimizer.Rule.class)
  void theSameBitsComeOutWhereverTheSlotsLie(Optimizer.Rule rule) {
    Graph on = updates(rule, false);
    for (Device each : List.of(device, processor)) {
      Map<String, double[]> expected = OneRun.of(each, on, leaves(on));
      Map<String, double[]> actual = OneRun.of(each, updates(rule, true), leaves(on));
      assertEquals(expected.keySet(), actual.keySet());
      expected.forEach(
          (name, values) -> assertArrayEquals(values, actual.get(name), each.name() + " " + name));
    }
  }

  @ParameterizedTest
  @EnumSource(Optimizer.Rule.class)
  void theyTakeNothingOfTheCard(Optimizer.Rule rule) {
    Graph on = updates(rule, false);
    Graph off = updates(rule, true);
    ExecutionPlan planned = ExecutionPlan.of(off, device.profile(off));
    long moved = planned.hostBytes();
    assertEquals(
        ExecutionPlan.of(on, device.profile(on)).memory().totalBytes() - moved,
        planned.memory().totalBytes());
    long free = device.context().memoryInfo().free();
    try (State state = device.allocate(off.persistent())) {
      assertEquals(free - state.bytes(), device.context().memoryInfo().free());
      try (State all = device.allocate(on.persistent())) {
        assertEquals(moved, all.bytes() - state.bytes());
      }
    }
  }
}
