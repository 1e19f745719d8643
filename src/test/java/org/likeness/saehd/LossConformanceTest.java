package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Image;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;
import org.likeness.runtime.Devices;

/** The losses on the two formula-made images of spec model.md 9, in f64. */
class LossConformanceTest {
  @ParameterizedTest
  @CsvSource({
    "64, 5, 2, 0.0948963, 0.0519715, 0.00529989, 0.9037547, 0.2076941, 0.1140771",
    "96, 8, 4, 0.0989545, 0.0882899, 0.00529715, 0.9232434, 0.2539645, 0.1051099",
    "128, 11, 5, 0.0985401, 0.0948114, 0.00529566, 0.9232546, 0.2585505, 0.1058342",
  })
  void givesThePublishedValues(
      int r,
      int taps,
      int finer,
      double dssim,
      double finerDssim,
      double mse,
      double msSsim,
      double centred,
      double mixed) {
    Model model = new Model(DType.F64);
    Tensor a = model.feed("a", Shape.of(1, r, r, 3));
    Tensor b = model.feed("b", Shape.of(1, r, r, 3));
    Losses losses = new Losses(model, "loss");
    model.fetch("dssim", losses.dssim("dssim", a, b, taps));
    model.fetch("finer", losses.dssim("finer", a, b, finer));
    model.fetch("mse", losses.meanSquaredError("mse", a, b));
    model.fetch("ms_ssim", MultiScale.similarity(model, "", a, b));
    model.fetch("centred", MultiScale.centredDifference(model, "", a, b));
    Map<String, Double> values = run(model.build(), r);
    assertEquals(dssim, values.get("dssim"), 5.1e-8);
    assertEquals(finerDssim, values.get("finer"), 5.1e-8);
    assertEquals(mse, values.get("mse"), 5.1e-9);
    assertEquals(msSsim, values.get("ms_ssim"), 5.1e-8);
    assertEquals(centred, values.get("centred"), 5.1e-8);
    assertEquals(mixed, 0.84 * (1 - values.get("ms_ssim")) + 0.16 * values.get("centred"), 5.1e-8);
  }

  /** Spec model.md 9: row 31, columns 8 to 12 of the soft mask of a disc, and its mean. */
  @Test
  void feathersADiscOutward() {
    Model model = new Model(DType.F64);
    Tensor mask = model.feed("mask", Shape.of(1, 64, 64, 1));
    LossSettings settings = LossSettings.DEFAULT;
    Tensor image = model.add("image", new Pointwise.Constant(Shape.of(1, 64, 64, 3), DType.F64, 0));
    Targets targets = Targets.prepare(model, "loss", 64, settings, image, mask);
    model.fetch("soft", targets.softMask());
    double[] disc = new double[64 * 64];
    for (int i = 0; i < disc.length; i++) {
      double x = i % 64 - 31.5;
      double y = i / 64 - 31.5;
      disc[i] = x * x + y * y < 400 ? 1 : 0;
    }
    double[] soft = run(model.build(), Map.of("mask", disc)).get("soft");
    double[] expected = {.053734, .184163, .428646, .785880, 1};
    for (int i = 0; i < 5; i++) {
      assertEquals(expected[i], soft[31 * 64 + 8 + i], 5.1e-7);
    }
    double sum = 0;
    for (double v : soft) {
      sum += v;
    }
    assertEquals(.3545989, sum / soft.length, 5.1e-8);
  }

  /** Spec model.md 9: centre, corner and edge middle of the two-dimensional kernel. */
  @ParameterizedTest
  @CsvSource({
    "1, 5, .1621028, .0029690, .0219382",
    "1.75, 7, .0566957, .0030009, .0130438",
    "2, 9, .0416828, .0007634, .0056412",
    "4, 17, .0106405, .0001949, .0014400",
  })
  void blursWithThePublishedKernel(
      double sigma, int taps, double centre, double corner, double edge) {
    Image.GaussianBlur blur = Image.GaussianBlur.of(sigma);
    double[] k = blur.kernel();
    assertEquals(taps, blur.taps());
    assertEquals(centre, k[taps / 2] * k[taps / 2], 5.1e-8);
    assertEquals(corner, k[0] * k[0], 5.1e-8);
    assertEquals(edge, k[0] * k[taps / 2], 5.1e-8);
  }

  private static Map<String, Double> run(Graph graph, int r) {
    double[] a = new double[r * r * 3];
    double[] b = new double[r * r * 3];
    for (int i = 0; i < a.length; i++) {
      int c = i % 3;
      int x = i / 3 % r;
      int y = i / 3 / r;
      double phase = 0.11 * x + 0.07 * y + c;
      a[i] = 0.5 + 0.4 * Math.sin(phase);
      b[i] = 0.5 + 0.35 * Math.sin(phase + 0.2) + 0.05 * Math.cos(0.5 * x - 0.3 * y);
    }
    Map<String, Double> first = new java.util.HashMap<>();
    run(graph, Map.of("a", a, "b", b)).forEach((name, values) -> first.put(name, values[0]));
    return first;
  }

  private static Map<String, double[]> run(Graph graph, Map<String, double[]> feeds) {
    Map<String, double[]> results = new java.util.HashMap<>();
    try (Device device = Devices.open("cpu");
        Arena arena = Arena.ofConfined();
        State state = device.allocate(graph.persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      feeds.forEach(
          (name, v) -> program.write(name, arena.allocateFrom(ValueLayout.JAVA_DOUBLE, v)));
      program.run();
      graph
          .fetches()
          .forEach(
              (name, t) -> {
                MemorySegment values = arena.allocate(t.bytes(), 64);
                program.read(name, values);
                results.put(name, values.toArray(ValueLayout.JAVA_DOUBLE));
              });
    }
    return results;
  }
}
