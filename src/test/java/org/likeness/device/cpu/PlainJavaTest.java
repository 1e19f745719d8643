package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.likeness.device.Device;
import org.likeness.device.OneRun;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.ffi.Availability;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;

/** The processor where no oneDNN can be loaded: slow, but everything works. */
class PlainJavaTest {
  private static CpuDevice plain() {
    return new CpuDevice(new Availability.Absent<>("oneDNN", List.of("a folder")));
  }

  @Test
  void aWholeTrainingStepIsThatOfOnednn() {
    Architecture tiny = Architecture.of("liae-udt", 64, new Architecture.Dims(8, 4, 4, 2));
    Graph step = TrainingStep.describe(tiny, StepSettings.defaults(1)).scheduled();
    Map<String, double[]> leaves = new HashMap<>();
    Random random = new Random(5);
    for (Tensor leaf : step.leaves()) {
      double scale = leaf.role() == Role.PARAMETER ? 0.2 : leaf.role() == Role.FEED ? 1 : 0;
      leaves.put(
          leaf.name(),
          random.doubles(leaf.shape().elements()).map(v -> (float) (scale * v)).toArray());
    }
    Map<String, double[]> wanted;
    try (Device onednn = new CpuDevice()) {
      wanted = OneRun.of(onednn, step, leaves);
    }
    try (Device plain = plain()) {
      Map<String, double[]> got = OneRun.of(plain, step, leaves);
      assertEquals(wanted.keySet(), got.keySet());
      for (String name : List.of("src_loss", "dst_loss")) {
        OpComparison.compare(name, wanted.get(name), got.get(name), new Tolerance(1e-5, 0));
      }
    }
  }

  @Test
  void itsDescriptionSaysWhyItIsSlow() {
    try (Device plain = plain()) {
      String description = plain.description();
      assertTrue(
          description.contains("plain Java: oneDNN was not found; looked for a folder"),
          description);
    }
  }
}
