package org.likeness.device;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.likeness.graph.DType;
import org.likeness.graph.FuseDenseUpdates;
import org.likeness.graph.GramNorms;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/** Updates of a dense layer by its gradient's factors: what every device is tested with. */
public final class DenseUpdateCases {
  private static final long SEED = 7;

  private DenseUpdateCases() {}

  /**
   * One update.
   *
   * @param n samples of the factors
   * @param clip factor that scales the gradient, 0 for none
   * @param keep share of the elements that move
   */
  public record Case(
      int n, int in, int out, double scale, double clip, double keep, boolean adaBelief) {
    private Update.Rule rule() {
      Update.Modifiers modifiers = new Update.Modifiers(clip != 0, keep, SEED, 3);
      return adaBelief
          ? new Update.AdaBelief(0.9, 0.999, 1e-7, modifiers)
          : new Update.RmsProp(0.9, 1e-7, modifiers);
    }

    /** Returns the gradient, fetched or not, and its updates of weight and bias. */
    private Graph product(DType type, DType factors, Role slots) {
      GraphBuilder b = new GraphBuilder();
      Tensor x = b.leaf(Role.FEED, "x", Shape.of(n, in), factors);
      Tensor dy = b.leaf(Role.FEED, "dy", Shape.of(n, out), factors);
      List<Tensor> scalars = new ArrayList<>(List.of(b.leaf(Role.FEED, "rate", one(), type)));
      if (clip != 0) {
        scalars.add(b.leaf(Role.FEED, "clip", one(), type));
      }
      if (keep < 1) {
        scalars.add(b.leaf(Role.SLOT, "counter", one(), DType.I64));
      }
      List<Tensor> gradients = b.addAll("d", new Linear.DenseWgrad(scale, true), List.of(x, dy));
      for (Tensor gradient : gradients) {
        String name = gradient == gradients.getFirst() ? "w" : "b";
        List<Tensor> inputs = new ArrayList<>();
        inputs.add(b.leaf(Role.PARAMETER, name, gradient.shape(), type));
        inputs.add(gradient);
        for (int i = 0; i < rule().slots(); i++) {
          inputs.add(b.leaf(slots, name + "/slot" + i, gradient.shape(), type));
        }
        inputs.addAll(scalars);
        b.addAll("u", rule(), inputs);
      }
      return b.build();
    }

    private static Shape one() {
      return Shape.of(1);
    }

    /** Returns the graph that makes the gradient whole. */
    public Graph whole(DType type) {
      return product(type, type, Role.SLOT);
    }

    /** Returns the graph whose weight is updated tile by tile. */
    public Graph fused(DType type) {
      return FuseDenseUpdates.apply(whole(type));
    }

    /** Returns the same with factors of another type, or slots in the host's memory. */
    public Graph fused(DType type, DType factors, Role slots) {
      return FuseDenseUpdates.apply(product(type, factors, slots));
    }

    /** Returns values for the graph's leaves, rounded as {@code factors} are. */
    public Map<String, double[]> leaves(DType factors) {
      Random random = new Random(SEED);
      Map<String, double[]> leaves = new HashMap<>();
      for (Tensor leaf : product(DType.F32, factors, Role.SLOT).leaves()) {
        boolean slot = leaf.role() == Role.SLOT;
        double[] values =
            random
                .doubles(leaf.shape().elements(), slot ? 0 : -1, 1)
                .map(v -> leaf.dtype() == DType.I64 ? 20 : HostValues.round(v, leaf.dtype()))
                .toArray();
        leaves.put(leaf.name(), values);
      }
      leaves.put("rate", new double[] {0.125});
      leaves.put("clip", new double[] {clip});
      return leaves;
    }
  }

  /** Sizes around one element, loads of four, tiles of 64 and steps of 4 and 16 samples. */
  public static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    int[][] sizes = {
      {1, 1, 1},
      {1, 1, 7},
      {2, 9, 1},
      {3, 5, 4},
      {4, 63, 65},
      {5, 64, 64},
      {8, 130, 12},
      {15, 65, 63},
      {16, 6, 132},
      {17, 66, 66},
      {33, 67, 70}
    };
    for (int[] s : sizes) {
      for (boolean adaBelief : new boolean[] {false, true}) {
        cases.add(new Case(s[0], s[1], s[2], 0.7, 0, 1, adaBelief));
        cases.add(new Case(s[0], s[1], s[2], 1, 0.25, 0.3, adaBelief));
      }
    }
    cases.add(new Case(3, 65, 8, 1, -1, 1, true));
    cases.add(new Case(3, 65, 7, 1, -1, 0.3, false));
    return cases;
  }

  /** Sizes that a processor cuts into several tiles, along both axes and along one. */
  public static List<Case> large() {
    return List.of(
        new Case(8, 3001, 64, 1, 0, 1, true),
        new Case(16, 37, 9000, 1, 0.5, 0.3, true),
        new Case(32, 1050, 2100, 0.7, 0, 1, false));
  }

  /**
   * A step whose loss was scaled by 1024: the factor that undoes it comes from Gram matrices, and
   * is negative where a gradient is not finite.
   *
   * @param limit of the gradient's norm, or infinity
   */
  public static Graph unscaled(double limit, DType type) {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(2, 5), type);
    Tensor dy = b.leaf(Role.FEED, "dy", Shape.of(2, 3), type);
    Tensor scale = b.leaf(Role.FEED, "scale", Shape.of(1), type);
    Tensor rate = b.leaf(Role.FEED, "rate", Shape.of(1), type);
    List<Tensor> gradients = b.addAll("d", new Linear.DenseWgrad(1, true), List.of(x, dy));
    List<Tensor> all = new ArrayList<>(List.of(scale));
    all.addAll(gradients);
    Tensor factor = b.addAll("factor", new Update.Unscale(limit), all).getFirst();
    b.fetch("factor", factor);
    Update.Rule rule = new Update.RmsProp(0.9, 1e-7, new Update.Modifiers(true, 1, SEED, 0));
    for (Tensor gradient : gradients) {
      String name = gradient == gradients.getFirst() ? "w" : "b";
      Tensor w = b.leaf(Role.PARAMETER, name, gradient.shape(), type);
      Tensor slot = b.leaf(Role.SLOT, name + "/slot", gradient.shape(), type);
      b.addAll("u", rule, List.of(w, gradient, slot, rate, factor));
    }
    return b.build();
  }

  /** Returns values for {@link #unscaled}, whose first factor has these elements in front. */
  public static Map<String, double[]> unscaledLeaves(double... x) {
    Map<String, double[]> leaves = new HashMap<>();
    double[] rows = {1, 2, -1, 0.5, 3, -2, 1, 0.25, 4, 1};
    System.arraycopy(x, 0, rows, 0, x.length);
    leaves.put("x", rows);
    leaves.put("dy", new double[] {1024, 512, -256, 2048, -1024, 128});
    leaves.put("scale", new double[] {1024});
    leaves.put("rate", new double[] {0.125});
    leaves.put("w", new double[15]);
    leaves.put("w/slot", new double[15]);
    leaves.put("b", new double[3]);
    leaves.put("b/slot", new double[3]);
    return leaves;
  }

  /** Checks on a device what Gram matrices make of gradients that overflow, and of others. */
  public static void expectOverflowsToBeSeen(Device device) {
    for (double limit : new double[] {Double.POSITIVE_INFINITY, 0.1}) {
      Graph whole = unscaled(limit, DType.F32);
      Graph tiles = FuseDenseUpdates.apply(GramNorms.apply(whole));
      assertTrue(tiles.nodes().stream().noneMatch(n -> n.op() instanceof Linear.DenseWgrad));
      double wanted = OneRun.of(device, whole, unscaledLeaves()).get("factor")[0];
      double got = OneRun.of(device, tiles, unscaledLeaves()).get("factor")[0];
      assertEquals(wanted, got, 1e-6 * wanted, "limit " + limit);
      for (double bad : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 3e38}) {
        Map<String, double[]> after = OneRun.of(device, tiles, unscaledLeaves(bad));
        assertEquals(-1, after.get("factor")[0], "of " + bad);
        for (String name : List.of("w", "w/slot", "b", "b/slot")) {
          assertArrayEquals(unscaledLeaves().get(name), after.get(name), 0, name + " of " + bad);
        }
      }
      double[] opposite = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
      Map<String, double[]> cancelling = unscaledLeaves(opposite);
      cancelling.put("dy", new double[] {0.1, 0.7, 0.3, -0.1, -0.7, -0.3});
      double factor = OneRun.of(device, tiles, cancelling).get("factor")[0];
      assertEquals(1.0 / 1024, factor, 1e-9, "gradients of no size are no overflow");
    }
  }
}
