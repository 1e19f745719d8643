package org.likeness.faceset.synthetic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SceneRangesTest {
  @Test
  void aSceneIsAFunctionOfSeedAndIndex() {
    SceneRanges full = SceneRanges.full();
    assertEquals(full.scene(3, 17), full.scene(3, 17));
    assertNotEquals(full.scene(3, 17), full.scene(3, 18));
    assertNotEquals(full.scene(3, 17), full.scene(4, 17));
  }

  @Test
  void scenesStayWithinTheirRangesAndUseThem() {
    SceneRanges easy = SceneRanges.easy();
    double most = 0;
    Set<Background> backgrounds = new HashSet<>();
    for (int i = 0; i < 400; i++) {
      Scene s = easy.scene(9, i);
      assertTrue(Math.abs(s.pose().yaw()) <= easy.yaw(), s::toString);
      assertTrue(Math.abs(s.pose().pitch()) <= easy.pitch(), s::toString);
      assertTrue(Math.abs(s.pose().roll()) <= easy.roll(), s::toString);
      assertTrue(s.expression().jawOpen() <= easy.expression(), s::toString);
      most = Math.max(most, Math.abs(s.pose().yaw()));
      backgrounds.add(s.background());
    }
    assertTrue(most > 0.85 * easy.yaw(), "yaw reached only " + most);
    assertEquals(easy.backgrounds(), backgrounds.size());
  }

  @Test
  void theFullRangeCanBeDrawnAtEverySeed() {
    for (int seed = 0; seed < 300; seed++) {
      SceneRanges.full().scene(seed, seed); // the records refuse what is out of range
    }
  }

  @Test
  void rangesBeyondTheRendererAreRefused() {
    assertEquals(
        "scene ranges: yaw 80.0, pitch 0.0, roll 0.0 must lie within 0 and 60, 40, 90 degrees",
        assertThrows(
                IllegalArgumentException.class, () -> new SceneRanges(80, 0, 0, 0, 0, 0, 0, 0, 1))
            .getMessage());
    assertEquals(
        "scene ranges: 1.5 is outside [0, 1]",
        assertThrows(
                IllegalArgumentException.class, () -> new SceneRanges(0, 0, 0, 1.5, 0, 0, 0, 0, 1))
            .getMessage());
  }
}
