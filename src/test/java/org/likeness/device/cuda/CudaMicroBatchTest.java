package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.likeness.device.OneRun;
import org.likeness.graph.Cut;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Tensor;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;
import org.likeness.testing.OnCuda;

/** A step in micro-batches, with dense gradients as factors, on the GPU's own kernels. */
@OnCuda
class CudaMicroBatchTest {
  /** The two devices add in different orders; the golden files allow their gradients 1e-3. */
  private static final double TOLERANCE = 1e-4;

  @Test
  void hasTheLossesAndGradientsOfTheWholeBatchOnTheProcessor() {
    Architecture tiny = Architecture.of("df-ud", 64, new Architecture.Dims(8, 4, 4, 2));
    TrainingStep step = TrainingStep.describe(tiny, StepSettings.defaults(2));
    Graph described = step.fetching(List.of("src_loss", "dst_loss"), true);
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
    try (DevicePair devices = DevicePair.open()) {
      Graph whole = Levers.DEFAULT.apply(described);
      Map<String, double[]> wanted = OneRun.of(devices.oracle(), whole, leaves);
      for (Cut cut : List.of(Cut.all(2), Cut.afterTrunk(2))) {
        Graph parts = Levers.DEFAULT.with(cut).apply(described);
        Map<String, double[]> got = OneRun.of(devices.cuda(), parts, leaves);
        for (String name : described.fetches().keySet()) {
          expectClose(cut + " " + name, wanted.get(name), got.get(name));
        }
      }
    }
  }

  private static void expectClose(String name, double[] wanted, double[] got) {
    double allowed = TOLERANCE * DoubleStream.of(wanted).map(Math::abs).max().orElseThrow();
    for (int i = 0; i < wanted.length; i++) {
      double share = Math.abs(got[i] - wanted[i]) / allowed;
      assertTrue(
          got[i] == wanted[i] || share <= 1,
          name + "[" + i + "] is " + got[i] + ", not " + wanted[i] + ": " + share + " tolerances");
    }
  }
}
