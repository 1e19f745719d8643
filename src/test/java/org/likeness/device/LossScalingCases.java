package org.likeness.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Initializer;
import org.likeness.nn.LossScaling;
import org.likeness.nn.Model;
import org.likeness.nn.Optimizer;

/** Dynamic loss scaling on any device: one weight whose scaled gradient the host feeds. */
public final class LossScalingCases {
  private final Device device;
  private final Graph graph;
  private final Map<String, double[]> leaves = new HashMap<>();

  /** Starts with weights of 1 and everything else at zero. */
  public LossScalingCases(Device device, Optimizer.Rule rule, double clipNorm) {
    this.device = device;
    Model model = new Model(DType.F32);
    Tensor w = model.parameter("net/w:0", Shape.of(3), new Initializer.Zeros());
    Tensor g = model.feed("g", Shape.of(3));
    LossScaling scaling = LossScaling.declare(model, "opt");
    model.fetch("scale", scaling.scale());
    Optimizer optimizer = new Optimizer("opt", rule, 1e-3, 0, clipNorm, 1);
    graph = optimizer.update(model.build(), List.of(w), Map.of(w, g), 7, scaling);
    for (Tensor t : graph.leaves()) {
      leaves.put(t.name(), new double[(int) t.shape().elements()]);
    }
    leaves.put("net/w:0", new double[] {1, 1, 1});
  }

  /** Runs a step with this gradient, already times the scale; returns the scale that it saw. */
  private double step(double... scaled) {
    leaves.put("g", scaled);
    Map<String, double[]> after = OneRun.of(device, graph, leaves);
    leaves.putAll(after);
    return after.get("scale")[0];
  }

  private void set(String slot, double value) {
    leaves.put("opt/" + slot, new double[] {value});
  }

  private double get(String slot) {
    return leaves.get("opt/" + slot)[0];
  }

  /** The update is the one of the gradient without the scale. */
  public static void theScaleIsUndone(Device device, Optimizer.Rule rule, double clipNorm) {
    LossScalingCases scaled = new LossScalingCases(device, rule, clipNorm);
    LossScalingCases other = new LossScalingCases(device, rule, clipNorm);
    other.set("loss_doublings:0", -3);
    assertEquals(65536, scaled.step(65536, -0.5 * 65536, 2 * 65536));
    assertEquals(8192, other.step(8192, -0.5 * 8192, 2 * 8192));
    assertArrayEquals(other.leaves.get("net/w:0"), scaled.leaves.get("net/w:0"));
    assertEquals(1, scaled.get("good_steps:0"));
  }

  /** A step whose gradient overflowed changes nothing but the scale. */
  public static void anOverflowSkipsTheStep(Device device, Optimizer.Rule rule, double overflow) {
    LossScalingCases c = new LossScalingCases(device, rule, 0);
    c.step(1, 2, 3);
    Map<String, double[]> before = new HashMap<>(c.leaves);
    c.step(1, overflow, 3);
    for (String name : before.keySet()) {
      boolean counts = name.contains("loss_") || name.contains("iters") || name.contains("good");
      if (!counts && !name.equals("g")) {
        assertArrayEquals(before.get(name), c.leaves.get(name), name);
      }
    }
    assertEquals(-1, c.get("loss_doublings:0"));
    assertEquals(0, c.get("good_steps:0"));
    assertEquals(32768, c.step(1, 2, 3));
    assertEquals(1, c.get("good_steps:0"));
  }

  /** The 2000th good step in a row doubles the scale. */
  public static void patienceDoublesTheScale(Device device) {
    LossScalingCases c = new LossScalingCases(device, Optimizer.Rule.RMSPROP, 0);
    c.set("good_steps:0", LossScaling.PATIENCE - 1);
    assertEquals(65536, c.step(1, 2, 3));
    assertEquals(0, c.get("good_steps:0"));
    assertEquals(131072, c.step(1, 2, 3));
  }
}
