package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorstSamplesTest {
  private static final Set<String> PLANES =
      Set.of("target_src", "target_srcm", "target_dst", "target_dstm");

  private final Arena arena = Arena.ofAuto();
  private final WorstSamples worst = new WorstSamples(arena, 2, bytes());

  private static Map<String, Long> bytes() {
    Map<String, Long> bytes = new HashMap<>();
    PLANES.forEach(plane -> bytes.put(plane, 8L)); // one float a sample
    return bytes;
  }

  private Map<String, MemorySegment> batch(float first, float second) {
    Map<String, MemorySegment> feeds = new HashMap<>();
    PLANES.forEach(p -> feeds.put(p, arena.allocateFrom(ValueLayout.JAVA_FLOAT, first, second)));
    return feeds;
  }

  private static float[] floats(MemorySegment values) {
    return values.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Test
  void keepsTheWorstOfEachSideByItselfTheWorstFirst() {
    for (int i = 0; i < WorstSamples.EVERY; i++) {
      assertFalse(worst.due());
      double src = i == 3 || i == 9 ? 10 + i : 1;
      worst.add(batch(i, 100 + i), new double[] {src, 0}, new double[] {i, 2 * i});
    }
    assertTrue(worst.due());
    Map<String, MemorySegment> feeds = worst.take();
    assertArrayEquals(new float[] {9, 3}, floats(feeds.get("target_src")));
    assertArrayEquals(new float[] {115, 114}, floats(feeds.get("target_dst")));
    assertArrayEquals(new float[] {9, 3}, floats(feeds.get("target_srcm")));
    assertEquals(feeds.get("target_src"), feeds.get("warped_src"), "unwarped");
    assertFalse(worst.due(), "it starts anew");
  }

  @Test
  void ofEqualsTheEarlierStays() {
    for (int i = 0; i < WorstSamples.EVERY; i++) {
      worst.add(batch(i, i + 0.5f), new double[] {1, 1}, new double[] {Double.NaN, 1});
    }
    Map<String, MemorySegment> feeds = worst.take();
    assertArrayEquals(new float[] {0, 0.5f}, floats(feeds.get("target_src")));
  }
}
