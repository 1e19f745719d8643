package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

class ArchitectureTest {
  /** All 32: two families times four letters. */
  static List<String> all() {
    List<String> names = new ArrayList<>();
    for (String family : new String[] {"df", "liae"}) {
      for (int letters = 0; letters < 16; letters++) {
        StringBuilder name = new StringBuilder();
        for (int i = 0; i < 4; i++) {
          name.append((letters >> i & 1) != 0 ? "udtc".substring(i, i + 1) : "");
        }
        names.add(name.isEmpty() ? family : family + "-" + name);
      }
    }
    return names;
  }

  @ParameterizedTest
  @MethodSource("all")
  void graphHasTheSpecifiedParameterCount(String name) {
    Architecture a = Architecture.of(name, 96, new Architecture.Dims(10, 6, 4, 2));
    TrainingStep step = TrainingStep.describe(a, StepSettings.defaults(1));
    long elements =
        step.graph().leaves(Role.PARAMETER).stream().mapToLong(t -> t.shape().elements()).sum();
    assertEquals(a.parameterCount(), elements);
    assertEquals(name, a.name());
  }

  /** Spec model.md 2.10, worked totals. */
  @ParameterizedTest
  @CsvSource({
    "df, 128, 57538432",
    "liae-ud, 128, 82376555",
    "liae-ud, 224, 125664107",
    "df-udt, 224, 94212694",
    "liae-udt, 224, 94872747",
    "liae-udt, 416, 157910187",
    "liae-udt, 704, 323383467",
  })
  void countsTheWorkedTotals(String name, int resolution, long total) {
    Architecture a = Architecture.of(name, resolution, new Architecture.Dims(256, 64, 64, 22));
    assertEquals(total, a.parameterCount());
  }

  @Test
  void countsTheWorkedTotalOfOtherDims() {
    Architecture a = Architecture.of("liae-udt", 320, new Architecture.Dims(292, 78, 78, 32));
    assertEquals(173836997, a.parameterCount());
  }

  @Test
  void namesParametersAsDeepFaceLabDoes() {
    Architecture a = Architecture.of("liae-udt", 416, new Architecture.Dims(256, 64, 64, 22));
    List<String> leaves =
        TrainingStep.describe(a, StepSettings.defaults(1)).graph().leaves(Role.PARAMETER).stream()
            .map(Tensor::toString)
            .toList();
    for (String expected :
        List.of(
            "%encoder/down1/conv1/weight:0 (64,5,5,3) f32",
            "%encoder/res5/conv2/weight:0 (512,3,3,512) f32",
            "%inter_AB/dense1/weight:0 (86528,256) f32",
            "%inter_B/dense2/weight:0 (256,86528) f32",
            "%decoder/upscale0/conv1/weight:0 (2048,3,3,1024) f32",
            "%decoder/upscalem4/conv1/weight:0 (88,3,3,44) f32",
            "%decoder/out_conv3/weight:0 (3,3,3,128) f32",
            "%decoder/out_convm/weight:0 (1,1,1,22) f32")) {
      assertEquals(true, leaves.contains(expected), expected);
    }
  }

  @Test
  void refusesUnknownLetters() {
    for (String bad : List.of("df-x", "dfl", "liae-uu", "df-", "df-u-d", "")) {
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> Architecture.of(bad, 64, new Architecture.Dims(8, 4, 4, 2)));
      assertEquals(
          "architecture \""
              + bad
              + "\" is not df or liae, optionally followed by '-' and letters"
              + " of u, d, t, c; for example liae-udt",
          e.getMessage());
    }
  }

  @Test
  void refusesResolutionsThatDoNotDivide() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Architecture.of("df-ut", 80, new Architecture.Dims(8, 4, 4, 2)));
    assertEquals(
        "resolution 80 does not divide: this architecture needs a multiple of 32; use 64 or 96",
        e.getMessage());
  }
}
