package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

class PatchLabelsTest {
  private static final Adversaries.Patch NOISY = new Adversaries.Patch(8, 4, 0.25, 0.1, false);

  private static List<Tensor> feeds() {
    Architecture a = Architecture.of("df-ud", 64, new Architecture.Dims(4, 2, 2, 2));
    StepSettings settings = StepSettings.defaults(2).with(new Adversaries(0, 0.1, NOISY));
    return PatchLabels.feeds(TrainingStep.describe(a, settings).graph().leaves(Role.FEED));
  }

  private static float[] draw(Tensor feed, long iteration) {
    MemorySegment values = MemorySegment.ofArray(new float[(int) feed.shape().elements()]);
    PatchLabels.draw(feed, NOISY, 7, iteration, values);
    return values.toArray(ValueLayout.JAVA_FLOAT);
  }

  private static double share(float[] values, float of) {
    long count = 0;
    for (float value : values) {
      count += value == of ? 1 : 0;
    }
    return count / (double) values.length;
  }

  @Test
  void realOnesAreSmoothAndSomeOfBothAreFlipped() {
    assertEquals(
        List.of("real_center", "made_center", "real_full", "made_full"),
        feeds().stream().map(feed -> feed.name().replace("gan_labels/", "")).toList());
    for (Tensor feed : feeds().subList(2, 4)) { // 8192 draws: the share's deviation is 0.0033
      float[] labels = draw(feed, 3);
      double on = feed.name().contains("real") ? 0.9 : 0.1;
      assertEquals(on, share(labels, 0.75f), 0.02, feed.name());
      assertEquals(1 - on, share(labels, 0), 0.02, feed.name());
    }
  }

  @Test
  void aStepsLabelsDependOnSeedNameAndIterationAlone() {
    Tensor real = feeds().get(2);
    Tensor made = feeds().get(3);
    assertArrayEquals(draw(real, 3), draw(real, 3));
    assertFalse(Arrays.equals(draw(real, 3), draw(real, 4)));
    double agreeing = 0; // independent draws: 0.9 * 0.1 + 0.1 * 0.9 of them are the same
    float[] a = draw(real, 3);
    float[] b = draw(made, 3);
    for (int i = 0; i < a.length; i++) {
      agreeing += a[i] == b[i] ? 1.0 / a.length : 0;
    }
    assertEquals(0.18, agreeing, 0.02);
  }
}
