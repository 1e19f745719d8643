package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.device.cuda.ConvolutionGeometry.Product;
import org.likeness.device.cuda.ConvolutionVariant.Tile;
import org.likeness.graph.Linear;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;

/** What convolutions and dense products launch, without running it. */
class ConvolutionLaunchTest {
  private static final Target TARGET = new Target(89, 64, 99 << 10, false);

  @Test
  void launchesGiveKernelsWhatTheyDeclareAndReachEveryEntry() {
    Set<String> used = new HashSet<>();
    for (LinearCases.Case c : LinearCases.awkward()) {
      for (Candidate candidate : ConvolutionChoice.candidates(c.node(), TARGET)) {
        for (Launch launch : launches(c.node(), candidate)) {
          PtxEntries.of(launch.entry().family(), "sm75").accept(launch, c + " " + candidate.name());
          used.add(launch.entry().name());
        }
      }
    }
    for (String family : List.of("conv_forward_f32", "conv_dgrad_f32", "conv_wgrad_f32")) {
      Set<String> unused = new HashSet<>(PtxEntries.of(family, "sm75").entries().keySet());
      unused.removeAll(used);
      assertEquals(Set.of(), unused, "entries that no case launches");
    }
    assertTrue(used.contains("conv_combine_f32"), used.toString());
  }

  @Test
  void gridsCoverEveryProductOfTheLargestWorkload() {
    for (LinearCases.Case c : LinearCases.standard(704)) {
      ConvolutionGeometry geometry = ConvolutionGeometry.of(c.node());
      for (Candidate candidate : ConvolutionChoice.candidates(c.node(), TARGET)) {
        List<Launch> launches = launches(c.node(), candidate);
        assertEquals(candidate.split().splits() == 1 ? 1 : 2, launches.size());
        Launch.Grid grid = launches.getFirst().grid();
        Tile tile = candidate.variant().tile();
        List<Product> products = geometry.products();
        assertEquals(products.size() * candidate.split().splits(), grid.z());
        for (Product product : products) {
          long tiles =
              Math.ceilDiv((long) product.rows(), tile.rows())
                  * Math.ceilDiv(product.columns(), tile.columns());
          assertTrue(grid.x() >= tiles, c + " " + candidate.name());
        }
      }
    }
  }

  @Test
  void absentOperandsAreNullAndPresentOnesAreTheNodes() {
    Shape x = Shape.of(1, 4, 4, 8);
    Shape w = Shape.of(8, 3, 3, 8);
    Window window = Window.centred(3, 1);
    Node bare = new LinearCases.Case(new Conv2d(window, 1, false, Epilogue.NONE), x, w).node();
    assertEquals(List.of(1L, 2L, 101L, 0L, 0L, 0L, 0L), addresses(bare));
    Epilogue residual = new Epilogue(true, Epilogue.NONE.activation());
    Node full =
        new LinearCases.Case(new Conv2d(window, 1, true, residual), x, w, Shape.of(8), x).node();
    assertEquals(List.of(1L, 2L, 101L, 3L, 4L, 0L, 0L), addresses(full));
    Node wgrad = new LinearCases.Case(new Linear.Conv2dWgrad(window, 1, w, true), x, x).node();
    assertEquals(List.of(2L, 1L, 101L, 0L, 0L, 0L, 102L), addresses(wgrad));
    Node dense =
        new LinearCases.Case(new Linear.DenseWgrad(1, true), Shape.of(2, 3), Shape.of(2, 5)).node();
    assertEquals(List.of(1L, 2L, 101L, 0L, 0L, 0L, 102L), addresses(dense));
  }

  @Test
  void theChosenWorkspaceIsWhatTheLaunchesAreGiven() {
    for (LinearCases.Case c : LinearCases.standard(13)) {
      long bytes = LinearLowering.workspaceBytes(c.node(), TARGET);
      List<Launch> launches = Launches.of(operands(c.node()), TARGET);
      assertEquals(bytes > 0, launches.size() == 2, c.toString());
    }
  }

  /** The first seven fields of the parameters: left, right, result, bias, residual, partial, db. */
  private static List<Long> addresses(Node node) {
    Candidate whole =
        ConvolutionChoice.candidates(node, TARGET).stream()
            .filter(c -> c.split().splits() == 1)
            .findFirst()
            .orElseThrow();
    Launch launch = launches(node, whole).getFirst();
    Launch.Argument.Struct parameters = (Launch.Argument.Struct) launch.arguments().getFirst();
    return LongStream.range(0, 7)
        .map(i -> parameters.bytes().get(java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED, 8 * i))
        .boxed()
        .toList();
  }

  private static List<Launch> launches(Node node, Candidate candidate) {
    return LinearLowering.lower((Linear) node.op(), operands(node), candidate);
  }

  private static Operands operands(Node node) {
    List<Long> inputs = new ArrayList<>();
    node.inputs().forEach(t -> inputs.add(1L + inputs.size()));
    List<Long> outputs = new ArrayList<>();
    node.outputs().forEach(t -> outputs.add(101L + outputs.size()));
    return new Operands(node, inputs, outputs, 1001);
  }
}
