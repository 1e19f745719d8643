package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.likeness.graph.DType;
import org.likeness.graph.GramNorms;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/** The norm from two Gram matrices against that of the gradients themselves, in f64. */
class GramNormTest {
  private static Graph clip(int n, int in, int out, boolean bias) {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(n, in), DType.F64);
    Tensor dy = b.leaf(Role.FEED, "dy", Shape.of(n, out), DType.F64);
    Tensor other = b.leaf(Role.FEED, "other", Shape.of(7), DType.F64);
    List<Tensor> all =
        new ArrayList<>(b.addAll("dw", new Linear.DenseWgrad(0.7, bias), List.of(x, dy)));
    all.add(other);
    b.fetch("clip", b.add("clip", new Update.ClipFactor(1e-3), all.toArray(Tensor[]::new)));
    return b.build();
  }

  /** f64 sums of up to 8 x 40 products differ by some 1e-14; the limit makes a factor of 1e-5. */
  @Property(tries = 60)
  void isThatOfTheWholeGradients(
      @ForAll @IntRange(min = 1, max = 8) int n,
      @ForAll @IntRange(min = 1, max = 40) int in,
      @ForAll @IntRange(min = 1, max = 40) int out,
      @ForAll boolean bias,
      @ForAll long seed) {
    Graph whole = clip(n, in, out, bias);
    Random random = new Random(seed);
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor leaf : whole.leaves()) {
      leaves.put(leaf.name(), random.doubles(leaf.shape().elements(), -1, 1).toArray());
    }
    double expected = Runner.run(whole, leaves).get("clip")[0];
    double actual = Runner.run(GramNorms.apply(whole), leaves).get("clip")[0];
    assertEquals(expected, actual, 1e-12 * expected);
  }
}
