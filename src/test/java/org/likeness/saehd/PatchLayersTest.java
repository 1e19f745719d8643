package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.graph.DType;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Model;

/** The patch discriminator's stack of strides, against the table of spec model.md 2.12. */
class PatchLayersTest {
  @ParameterizedTest
  @CsvSource({
    "8, 7, 2 2",
    "12, 11, 2 1 2",
    "16, 15, 2 2 2",
    "20, 19, 2 1 2 2",
    "24, 23, 2 2 1 2",
    "28, 27, 2 1 2 1 2",
    "32, 31, 2 2 2 2",
    "36, 35, 2 1 2 2 2",
    "40, 39, 2 2 1 2 2",
    "44, 43, 2 1 2 1 2 2",
    "48, 47, 2 2 2 1 2",
    "52, 51, 2 1 2 2 1 2",
    "56, 55, 2 2 1 2 1 2",
    "60, 59, 2 1 2 1 2 1 2",
    "64, 63, 2 2 2 2 2",
    "68, 67, 2 1 2 2 2 2",
    "72, 71, 2 2 1 2 2 2",
    "76, 75, 2 1 2 1 2 2 2",
    "80, 79, 2 2 2 1 2 2",
    "5, 3, 2", // as near as 7: the one that sees less
  })
  void isTheOriginals(int patch, int field, String strides) {
    PatchLayers layers = PatchLayers.of(patch);
    assertEquals(field, layers.field());
    int[] expected = Arrays.stream(strides.split(" ")).mapToInt(Integer::parseInt).toArray();
    assertArrayEquals(expected, layers.strides());
  }

  @Test
  void knowsWhichSidesItHalvesToOddOnes() {
    assertTrue(PatchLayers.of(16).fits(64));
    assertFalse(PatchLayers.of(63).fits(144), "72, 36, 18, 9: the fifth stride meets 9");
  }

  @ParameterizedTest
  @CsvSource({"16, 233650", "28, 3799090", "52, 9698354"})
  void hasAsManyParametersAsTheOriginals(int patch, long parameters) {
    Model model = new Model(DType.F32);
    PatchDiscriminator discriminator =
        new PatchDiscriminator(model, new Adversaries.Patch(patch, 16, 0, 0, true));
    long count = 0;
    for (Tensor p : model.parameters().keySet()) {
      count += p.shape().elements();
    }
    assertEquals(parameters, count);
    int side = 8 * patch;
    PatchDiscriminator.Logits logits =
        discriminator.apply(model.feed("image", Shape.of(1, side, side, 3)));
    assertEquals(Shape.of(1, side, side, 1), logits.full().shape());
    assertTrue(logits.center().shape().h() < side);
  }

  @Test
  void theCodeDiscriminatorHasAsManyToo() {
    Model model = new Model(DType.F32);
    Architecture a = Architecture.of("df-ud", 256, new Architecture.Dims(256, 64, 64, 22));
    CodeDiscriminator discriminator = new CodeDiscriminator(model, a);
    long count = 0;
    for (Tensor p : model.parameters().keySet()) {
      count += p.shape().elements();
    }
    assertEquals(6_949_633, count);
    Tensor logits = discriminator.apply(model.feed("code", Shape.of(1, 16, 16, 256)));
    assertEquals(List.of(1, 3, 3, 1), logits.shape().dims());
  }
}
