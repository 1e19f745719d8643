package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.device.OpCases.Case;
import org.likeness.graph.DType;
import org.likeness.graph.Image;
import org.likeness.graph.Node;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/** What image operations launch, without running it. */
class ImageLaunchTest {
  private static final Target TARGET = new Target(89, 64, 99 << 10, false);
  private static final long APART = 1L << 40;

  @ParameterizedTest
  @EnumSource(FloatType.class)
  void launchesGiveKernelsWhatTheyDeclare(FloatType type) {
    Set<String> used = new HashSet<>();
    for (Case c : ImageCases.all()) {
      for (Launch launch : launches(c, DType.valueOf(type.name()))) {
        PtxEntries.of(launch.entry().family(), "sm75").accept(launch, c.toString());
        used.add(launch.entry().name());
      }
    }
    Set<String> unused = new HashSet<>();
    for (String family : List.of("image", "blur", "ssim_forward", "ssim_backward")) {
      unused.addAll(PtxEntries.of(family, "sm75").entries().keySet());
    }
    unused.removeIf(
        name ->
            Stream.of(FloatType.values())
                .anyMatch(other -> other != type && name.endsWith(other.entry(""))));
    unused.removeAll(used);
    assertEquals(Set.of(), unused, "entries that no case launches");
  }

  @Test
  void theLargestImagesFitALaunch() {
    Shape image = Shape.of(16, 704, 704, 3);
    Shape means = Shape.of(16, 3);
    for (Case c :
        List.of(
            new Case(Image.GaussianBlur.of(5.5), image),
            new Case(Image.GaussianBlur.of(88), image),
            new Case(Image.Ssim.of(60), image, image),
            new Case(new Image.SsimGrad(Image.Ssim.of(60)), image, image, means, means),
            new Case(new Image.CentreWeight(8), image),
            new Case(new Image.AveragePool2(), image))) {
      assertTrue(launches(c, DType.F32).getFirst().grid().x() > 1000, c.toString());
    }
  }

  @Test
  void everyTileOfWindowsLeavesTwoSums() {
    Shape image = Shape.of(2, 100, 60, 3);
    Node node = node(new Case(Image.Ssim.of(11), image, image), DType.F32);
    // 90 x 50 windows in tiles of 44 x 44
    assertEquals(2 * 3 * 3 * 2 * 2 * 8, ImageLowering.workspaceBytes(node, TARGET));
  }

  @Test
  void onlyABlurOfManyTapsNeedsAWorkspace() {
    Shape mask = Shape.of(2, 50, 40, 1);
    Node few = node(new Case(new Image.GaussianBlur(8, 33), mask), DType.BF16);
    Node many = node(new Case(new Image.GaussianBlur(8, 35), mask), DType.BF16);
    assertEquals(0, ImageLowering.workspaceBytes(few, TARGET));
    assertEquals(2 * 50 * 40 * 4, ImageLowering.workspaceBytes(many, TARGET));
  }

  /** What is cut from the filter of spec performance.md, fact 4. */
  @Test
  void theFilterIsCutWhereABillionthIsLeft() {
    for (int taps : new int[] {12, 35, 60}) {
      SsimTiles tiles = SsimTiles.forward(Image.Ssim.of(taps), Shape.of(1, 99, 99, 1));
      double kept = 0;
      for (double tap : tiles.taps()) {
        kept += tap;
      }
      assertTrue(1 - kept < 2e-9, taps + " taps keep 1 - " + (1 - kept));
      assertEquals(taps, tiles.taps().length + 2 * tiles.skip());
      assertEquals(taps <= 12 ? 12 : 20, tiles.kernel());
    }
  }

  @Test
  void filtersThatNoKernelHoldsAreRefused() {
    Shape image = Shape.of(1, 1200, 1200, 1);
    Case wide = new Case(new Image.Ssim(35, 3, 1e-4, 9e-4), image, image);
    assertEquals(
        "ssim: sigma 3.0 needs 35 taps, the CUDA kernel has 20: use a sigma of 1.5",
        assertThrows(IllegalArgumentException.class, () -> launches(wide, DType.F32)).getMessage());
    Case blur = new Case(new Image.GaussianBlur(300, 1201), image);
    assertEquals(
        "gaussianBlur: 1201 taps are more than the 1024 of a CUDA kernel",
        assertThrows(IllegalArgumentException.class, () -> launches(blur, DType.F32)).getMessage());
  }

  private static List<Launch> launches(Case c, DType type) {
    Node node = node(c, type);
    List<Long> in = Stream.iterate(APART, a -> a + APART).limit(node.inputs().size()).toList();
    List<Long> out =
        Stream.iterate(9 * APART, a -> a + APART).limit(node.outputs().size()).toList();
    return Launches.of(new Operands(node, in, out, 20 * APART), TARGET);
  }

  private static Node node(Case c, DType type) {
    return new Node(
        c.op(), tensors("x", c.inputs(), type), tensors("y", c.op().infer(c.inputs()), type));
  }

  private static List<Tensor> tensors(String name, List<Shape> shapes, DType type) {
    List<Tensor> tensors = new ArrayList<>();
    for (Shape shape : shapes) {
      tensors.add(new Tensor(0, name + tensors.size(), shape, type, Role.VALUE));
    }
    return tensors;
  }
}
