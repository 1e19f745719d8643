package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.device.Device;
import org.likeness.device.OneRun;
import org.likeness.graph.Cut;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.runtime.Devices;

/**
 * Whole steps in 16 bits against the same in f32, with micro-batches, equalised learning rates and
 * packed samples too.
 */
class MixedPrecisionTest {
  private static final int BATCH = 2;
  private static final double LOSSES = 1e-2;

  /** Twice golden.md's in bf16: noise in place of faces is less like its copy than they are. */
  private static double gradients(DType type) {
    return type == DType.BF16 ? 1e-1 : 5e-2;
  }

  @ParameterizedTest
  @CsvSource({
    "df-ud,false,BF16,1,false",
    "df-ud,true,BF16,2,false",
    "liae-udt,true,BF16,1,false",
    "liae-udt,false,BF16,2,false",
    "liae-udt,false,BF16,2,true",
    "df-udtc,true,F16,2,true",
  })
  void losesNoMoreThanRounding(
      String archi, boolean equalised, DType type, int parts, boolean wholeTrunk) {
    Architecture plain = Architecture.of(archi, 64, new Architecture.Dims(16, 16, 16, 16));
    Architecture architecture = equalised ? plain.equalised() : plain;
    StepSettings settings = StepSettings.defaults(BATCH).packed(true);
    Map<String, double[]> exact = run(architecture, settings, Cut.NONE);
    Map<String, double[]> mixed = run(architecture, settings.in(type), new Cut(parts, wholeTrunk));
    for (String loss : List.of("src_loss", "dst_loss")) {
      for (int i = 0; i < BATCH; i++) {
        double wanted = exact.get(loss)[i];
        assertEquals(wanted, mixed.get(loss)[i], LOSSES * wanted, loss + " of sample " + i);
      }
    }
    double scale = settings.in(type).lossScale();
    double error = 0;
    double norm = 0;
    for (String name : exact.keySet()) {
      if (name.startsWith("grad/")) {
        double[] a = exact.get(name);
        double[] b = mixed.get(name);
        for (int i = 0; i < a.length; i++) {
          error += Math.pow(a[i] - b[i] / scale, 2);
          norm += a[i] * a[i];
        }
      }
    }
    double relative = Math.sqrt(error / norm);
    assertTrue(relative <= gradients(type), "gradients are off by " + relative);
    assertTrue(relative > 0, "nothing was computed in 16 bits");
  }

  private static Map<String, double[]> run(
      Architecture architecture, StepSettings settings, Cut cut) {
    TrainingStep step = TrainingStep.describe(architecture, settings);
    Graph described = step.fetching(List.of("src_loss", "dst_loss"), true);
    Random random = new Random(7);
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor leaf : described.leaves()) {
      boolean scaled = leaf.role() == Role.PARAMETER && architecture.wscale();
      double[] values = new double[(int) leaf.shape().elements()];
      if (leaf.role() == Role.FEED) {
        values = random.doubles(values.length).map(v -> Math.floor(256 * v)).toArray();
      } else if (leaf.role() == Role.PARAMETER) {
        double spread = scaled ? 1 : 0.1;
        values = random.doubles(values.length, -spread, spread).toArray();
      }
      leaves.put(leaf.name(), values);
    }
    try (Device device = Devices.open("cpu")) {
      return OneRun.of(device, Levers.DEFAULT.with(cut).apply(described), leaves);
    }
  }
}
