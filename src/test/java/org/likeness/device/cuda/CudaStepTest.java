package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.likeness.device.Device;
import org.likeness.device.OneRun;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;

/**
 * How near a whole step's losses and gradients come to the same step in f64, with the tilings of
 * three cards: rounding alone. The kernels measured at most 1.5e-6 in any tensor.
 */
@OnCuda
class CudaStepTest {
  /** A rectifier's input within rounding of 0 would show as 1e-3; these values have none. */
  private static final double TOLERANCE = 5e-6;

  private static Graph graph(DType type) {
    Architecture a = Architecture.of("df-ud", 64, new Architecture.Dims(32, 16, 16, 8));
    return TrainingStep.describe(a, StepSettings.defaults(4).in(type))
        .scheduled(List.of("src_loss", "dst_loss"), true);
  }

  @Test
  void everyGradientIsThatOfF64ButForRounding(TestGpu gpu) {
    Map<String, double[]> leaves = leaves(graph(DType.F32));
    Map<String, double[]> exact;
    try (Device cpu = new CpuDevice()) {
      exact = OneRun.of(cpu, graph(DType.F64), leaves);
    }
    for (int capability : gpu.capabilities(75, 80, 89)) {
      gpu.reset("cc=" + capability);
      Graph graph = graph(DType.F32);
      try (Device cuda = SoftDevice.open()) {
        Map<String, double[]> ours = OneRun.of(cuda, graph, leaves);
        for (String fetch : graph.fetches().keySet()) {
          double error = error(ours.get(fetch), exact.get(fetch));
          assertTrue(error <= TOLERANCE, fetch + " on " + capability + " is off by " + error);
        }
      }
    }
  }

  private static double error(double[] ours, double[] exact) {
    assertEquals(exact.length, ours.length);
    double apart = 0;
    double size = 0;
    for (int i = 0; i < exact.length; i++) {
      apart += (ours[i] - exact[i]) * (ours[i] - exact[i]);
      size += exact[i] * exact[i];
    }
    return Math.sqrt(apart / size);
  }

  /** Weights of unit gain and pictures with waves, an edge and a little noise. */
  private static Map<String, double[]> leaves(Graph graph) {
    Random random = new Random(3);
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor t : graph.leaves()) {
      leaves.put(
          t.name(),
          switch (t.role()) {
            case FEED -> picture(t.shape(), random);
            case PARAMETER -> weights(t.shape(), random);
            case SLOT, HOST_SLOT, VALUE -> new double[Math.toIntExact(t.shape().elements())];
          });
    }
    assertEquals(6, graph.leaves(Role.FEED).size());
    return leaves;
  }

  private static double[] weights(Shape s, Random random) {
    double[] values = new double[Math.toIntExact(s.elements())];
    double fanIn = s.rank() == 4 ? (double) s.elements() / s.n() : s.dim(0);
    for (int i = 0; i < values.length; i++) {
      values[i] = s.rank() == 1 ? 0 : (float) (random.nextGaussian() / Math.sqrt(fanIn));
    }
    return values;
  }

  /** A disc where there is one channel: a mask. */
  private static double[] picture(Shape s, Random random) {
    double[] values = new double[Math.toIntExact(s.elements())];
    for (int i = 0; i < values.length; i++) {
      int c = i % s.c();
      int w = i / s.c() % s.w();
      int h = i / s.c() / s.w() % s.h();
      int n = i / s.c() / s.w() / s.h();
      double radius = Math.hypot(h - 32 + n, w - 30 - n);
      double waves = 0.25 * Math.sin(0.2 * h + n + c) * Math.cos(0.15 * w * (1 + 0.2 * c));
      double edge = radius < 20 ? 0.15 : 0;
      double image = 0.5 + waves + edge + 0.03 * random.nextGaussian();
      values[i] = s.c() > 1 ? (float) image : radius < 24 ? 1 : 0;
    }
    return values;
  }
}
