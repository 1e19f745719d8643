package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.runtime.Devices;

/** The gradient of the whole loss along a random direction, for every architecture, in f64. */
class WholeLossGradientTest {
  /**
   * So small that next to no leaky rectifier changes sides (at 1e-6 one did, and moved a difference
   * by 8e-4). The loss, near 10 and summed over thousands of pixels, rounds at 1e-14: 2e-7 of a
   * slope, hence the absolute tolerance; slopes range from 0.005 to 5.
   */
  private static final double STEP = 3e-8;

  static List<String> all() {
    return ArchitectureTest.all();
  }

  /** One setting away from the defaults each. */
  static List<LossSettings> losses() {
    LossSettings.Similarity ssim = LossSettings.Similarity.SSIM;
    LossSettings.Priority none = LossSettings.Priority.NONE;
    List<LossSettings> settings = new ArrayList<>();
    settings.add(new LossSettings(false, true, false, ssim, none, 0, 0, 0));
    settings.add(new LossSettings(true, false, true, ssim, none, 0.3, 0, 0));
    settings.add(new LossSettings(true, false, false, ssim, none, 0, 1, 2));
    for (LossSettings.Similarity s : LossSettings.Similarity.values()) {
      settings.add(new LossSettings(true, false, false, s, none, 0, 0, 0));
    }
    for (LossSettings.Priority p : LossSettings.Priority.values()) {
      settings.add(new LossSettings(true, false, false, ssim, p, 0, 0, 0));
    }
    return settings;
  }

  @ParameterizedTest
  @MethodSource("losses")
  void matchesForEveryLoss(LossSettings losses) {
    // the face style stops the gradient to codes, masks and dst: only src's image branch is left
    String moving = losses.styled() ? "decoder_src/(upscale|res|out_conv)\\d?/.*" : ".*";
    matches("df-ud", losses, moving);
  }

  @ParameterizedTest
  @MethodSource("all")
  void matchesADirectionalFiniteDifference(String name) {
    matches(name, LossSettings.DEFAULT, ".*");
  }

  @ParameterizedTest
  @ValueSource(strings = {"df-ud", "liae-t"})
  void matchesUnderEqualisedLearningRate(String name) {
    Architecture a = Architecture.of(name, 64, new Architecture.Dims(4, 2, 2, 2));
    matches(a.equalised(), LossSettings.DEFAULT, ".*");
  }

  /** Checks the gradient along a direction in the parameters whose names match. */
  private static void matches(String name, LossSettings losses, String moving) {
    matches(Architecture.of(name, 64, new Architecture.Dims(4, 2, 2, 2)), losses, moving);
  }

  private static void matches(Architecture a, LossSettings losses, String moving) {
    StepSettings settings = StepSettings.defaults(1).with(losses).in(DType.F64);
    TrainingStep step = TrainingStep.describe(a, settings);
    Graph graph = step.scheduled(List.of("src_loss", "dst_loss"), true);
    try (Device device = Devices.open("cpu");
        Arena arena = Arena.ofConfined();
        State state = device.allocate(graph.persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      Random random = new Random(a.name().hashCode());
      Map<String, MemorySegment> feeds = new HashMap<>();
      for (Tensor feed : graph.leaves(Role.FEED)) {
        feeds.put(feed.name(), fill(arena, feed, random.doubles(0, 1).iterator()));
      }
      Point at = new Point(program, state, graph, feeds);
      Map<String, double[]> weights = new HashMap<>();
      Map<String, double[]> direction = new HashMap<>();
      for (Tensor p : graph.leaves(Role.PARAMETER)) {
        int n = (int) p.shape().elements();
        double spread = a.wscale() ? Math.sqrt(3.0) : Math.sqrt(3.0 / fanIn(p));
        weights.put(p.name(), random.doubles(n, -spread, spread).toArray());
        double reach = p.name().matches(moving) ? spread : Double.MIN_VALUE;
        direction.put(p.name(), random.doubles(n, -reach, reach).toArray());
      }
      at.loss(weights, direction, 0);
      double analytic = 0;
      for (Tensor p : graph.leaves(Role.PARAMETER)) {
        MemorySegment g = arena.allocate(p.bytes(), 64);
        program.read("grad/" + p.name(), g);
        double[] d = direction.get(p.name());
        for (int i = 0; i < d.length; i++) {
          analytic += d[i] * g.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
        }
      }
      double above = at.loss(weights, direction, STEP);
      double below = at.loss(weights, direction, -STEP);
      double numeric = (above - below) / (2 * STEP);
      assertEquals(numeric, analytic, 2e-5 * Math.abs(numeric) + 1e-6);
    }
  }

  /** Inputs that one output sums over; 100 for a bias, to make it small but not zero. */
  private static long fanIn(Tensor p) {
    return switch (p.shape().rank()) {
      case 4 -> p.shape().inner(0);
      case 2 -> p.shape().n();
      default -> 100;
    };
  }

  /** The whole loss as a function of the weights. */
  private record Point(
      Program program, State state, Graph graph, Map<String, MemorySegment> feeds) {
    double loss(Map<String, double[]> weights, Map<String, double[]> direction, double along) {
      try (Arena arena = Arena.ofConfined()) {
        for (Tensor p : graph.leaves(Role.PARAMETER)) {
          double[] w = weights.get(p.name());
          double[] d = direction.get(p.name());
          MemorySegment dense = arena.allocate(p.bytes(), 64);
          for (int i = 0; i < w.length; i++) {
            dense.setAtIndex(ValueLayout.JAVA_DOUBLE, i, w[i] + along * d[i]);
          }
          state.write(p.name(), dense);
        }
        feeds.forEach(program::write);
        program.run();
        return read(arena, "src_loss") + read(arena, "dst_loss");
      }
    }

    private double read(Arena arena, String fetch) {
      MemorySegment loss = arena.allocate(8, 64);
      program.read(fetch, loss);
      return loss.get(ValueLayout.JAVA_DOUBLE, 0);
    }
  }

  private static MemorySegment fill(
      Arena arena, Tensor t, java.util.PrimitiveIterator.OfDouble values) {
    MemorySegment dense = arena.allocate(t.bytes(), 64);
    for (long i = 0; i < t.shape().elements(); i++) {
      dense.setAtIndex(ValueLayout.JAVA_DOUBLE, i, values.nextDouble());
    }
    return dense;
  }
}
