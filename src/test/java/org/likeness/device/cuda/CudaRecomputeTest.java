package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.OneRun;
import org.likeness.graph.Cut;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.Rematerializer;
import org.likeness.graph.Tensor;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** Recomputation on the GPU's own kernels: the same bits, and the memory that was planned. */
@OnSoftCuda
class CudaRecomputeTest {
  static List<Cut> cuts() {
    return List.of(Cut.all(2), Cut.afterTrunk(2));
  }

  @ParameterizedTest
  @MethodSource("cuts")
  void changesNoBitAndTakesWhatIsPlanned(Cut cut, SoftCuda softCuda) {
    Architecture tiny = Architecture.of("df-ud", 64, new Architecture.Dims(8, 4, 4, 2));
    TrainingStep step = TrainingStep.describe(tiny, StepSettings.defaults(2));
    Graph described = step.fetching(List.of("src_loss", "dst_loss"), false);
    Map<String, double[]> leaves = new HashMap<>();
    Random random = new Random(5);
    for (Tensor leaf : described.leaves()) {
      DoubleStream values = random.doubles(leaf.shape().elements());
      double[] chosen =
          switch (leaf.role()) {
            case PARAMETER -> values.map(v -> (float) (0.4 * v - 0.2)).toArray();
            case SLOT, HOST_SLOT -> values.map(v -> 0).toArray();
            case FEED, VALUE -> values.map(v -> (float) v).toArray();
          };
      leaves.put(leaf.name(), chosen);
    }
    try (CudaDevice device = SoftDevice.open()) {
      Graph plain = Levers.DEFAULT.with(cut).apply(described);
      Graph less = Rematerializer.of(plain, List.of("encoder", "decoder_src"));
      assertTrue(less.nodes().size() > plain.nodes().size());
      Map<String, double[]> wanted = OneRun.of(device, plain, leaves);
      MemoryPlan memory = MemoryPlan.plan(less, device.profile(less));
      Map<String, double[]> got =
          OneRun.of(
              device,
              less,
              leaves,
              program -> assertEquals(memory.totalBytes(), softCuda.allocated()));
      assertEquals(wanted.keySet(), got.keySet());
      wanted.forEach((name, w) -> assertArrayEquals(w, got.get(name), 0, name));
    }
  }
}
