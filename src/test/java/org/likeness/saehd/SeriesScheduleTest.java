package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.graph.Cut;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Linear;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.Node;

/** One pass runs to its loss and back before the next begins (spec performance.md 0, fact 1). */
class SeriesScheduleTest {
  private static Graph step(String archi, int resolution, int batch, Architecture.Dims dims) {
    Architecture architecture = Architecture.of(archi, resolution, dims);
    return TrainingStep.describe(architecture, StepSettings.defaults(batch)).scheduled();
  }

  @ParameterizedTest
  @ValueSource(strings = {"df-ud", "liae-udt"})
  void srcIsDoneBeforeDstBegins(String archi) {
    Graph graph = step(archi, 64, 2, new Architecture.Dims(8, 4, 4, 2));
    assertTrue(lastReader(graph, "warped_src") < firstReader(graph, "warped_dst"));
  }

  /** The mask's branch ends with its 1-channel output, the image's with 12 or 3 channels. */
  @Test
  void oneBranchRunsToItsLossAndBackBeforeTheOtherBegins() {
    Graph graph = step("df-ud", 64, 2, new Architecture.Dims(8, 4, 4, 2));
    List<Node> nodes = graph.nodes();
    int firstGradient = -1;
    int lastHead = -1;
    for (int i = 0; i < firstReader(graph, "warped_dst"); i++) {
      if (nodes.get(i).op() instanceof Linear.Conv2dWgrad && firstGradient < 0) {
        firstGradient = i;
      }
      boolean convolution = nodes.get(i).op() instanceof Linear.Conv2d;
      int channels = convolution ? nodes.get(i).output().shape().c() : 0;
      lastHead = channels == 12 || channels == 1 ? i : lastHead;
    }
    assertTrue(firstGradient < lastHead, firstGradient + " and " + lastHead);
  }

  /** Encoder, inters and the decoder's first layers, the parts of the rest, and the way back. */
  @Test
  void aWholeTrunkRunsAroundTheMicroBatchesOfItsSide() {
    Architecture architecture =
        Architecture.of("liae-udt", 64, new Architecture.Dims(256, 64, 64, 22));
    Graph described =
        TrainingStep.describe(architecture, StepSettings.defaults(3))
            .fetching(List.of("src_loss", "dst_loss"), false);
    Graph graph = Levers.DEFAULT.with(Cut.afterTrunk(3)).apply(described);
    List<String> runs = new ArrayList<>(); // of products, those of the trunk's way forward left out
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Linear && !(node.op() instanceof Linear.DenseWgrad)) {
        String name = node.outputs().getFirst().name();
        String run = name.startsWith("d/") ? "trunk back" : "trunk";
        run = name.contains("~") ? "part " + name.substring(name.indexOf('~') + 1) : run;
        if (!run.equals("trunk") && (runs.isEmpty() || !runs.getLast().equals(run))) {
          runs.add(run);
        }
        boolean small = name.contains("encoder") || name.contains("upscale0");
        assertTrue(!small || !name.contains("~"), name);
      }
    }
    List<String> side = List.of("part 0", "part 1", "part 2", "trunk back");
    assertEquals(Stream.of(side, side).flatMap(List::stream).toList(), runs);
    assertTrue(lastReader(graph, "warped_src") < firstReader(graph, "warped_dst"));
  }

  private static int firstReader(Graph graph, String feed) {
    for (int i = 0; i < graph.nodes().size(); i++) {
      if (graph.nodes().get(i).inputs().contains(graph.leaf(feed))) {
        return i;
      }
    }
    throw new AssertionError(feed);
  }

  private static int lastReader(Graph graph, String feed) {
    int last = -1;
    for (int i = 0; i < graph.nodes().size(); i++) {
      last = graph.nodes().get(i).inputs().contains(graph.leaf(feed)) ? i : last;
    }
    return last;
  }

  /** In f32 and without recomputation; as written, L took 25.7 GB and S 0.30 GB. */
  @ParameterizedTest
  @CsvSource({"liae-udt,704,16,9.2e9", "liae-udt,416,16,3.4e9", "df-ud,128,8,0.157e9"})
  void activationsOfTheStandardWorkloadsTakeAsLittleAs(
      String archi, int resolution, int batch, double bytes) {
    Graph graph = step(archi, resolution, batch, new Architecture.Dims(256, 64, 64, 22));
    MemoryPlan plan = MemoryPlan.plan(graph, DeviceProfile.plain("test", 1L << 40));
    assertTrue(plan.slabBytes() <= bytes, plan.slabBytes() + " bytes");
    assertTrue(plan.fragmentation() < 0.02, "fragmentation " + plan.fragmentation());
  }
}
