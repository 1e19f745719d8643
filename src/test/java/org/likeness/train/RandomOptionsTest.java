package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.likeness.device.Device;
import org.likeness.runtime.Devices;
import org.likeness.saehd.SaehdOptions;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/**
 * Sessions of random options on a GPU of little memory: each loads within it, or is refused before
 * anything is allocated.
 */
@OnSoftCuda
class RandomOptionsTest {
  private static final String[] DIMS = {"ae_dims", "e_dims", "d_dims", "d_mask_dims"};

  @BeforeAll
  static void measureNothing() {
    System.setProperty(Devices.TUNING, "never");
  }

  @AfterAll
  static void measureAsUsual(SoftCuda softCuda) {
    System.clearProperty(Devices.TUNING);
    assertEquals("", softCuda.liveObjects());
  }

  @Test
  void someLoadWithinTheirPlanOrAreRefused(SoftCuda softCuda) throws IOException {
    tryMany(softCuda, 24, 2);
  }

  @Test
  @Tag("slow")
  void aThousandLoadWithinTheirPlanOrAreRefused(SoftCuda softCuda) throws IOException {
    tryMany(softCuda, 1000, 30);
  }

  /** Tries option sets, and the first steps of so many that loaded and are small enough to run. */
  private static void tryMany(SoftCuda softCuda, int count, int steps) throws IOException {
    int loaded = 0;
    int ran = 0;
    for (int seed = 0; seed < count; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      boolean small = seed % 8 < 2;
      Map<String, String> text = options(random, small);
      int mebibytes = (small ? 48 : 96) << random.nextInt(small ? 2 : 4);
      String name = "seed " + seed + ", " + mebibytes + " MiB, " + text;
      boolean step = small && ran < steps;
      try {
        if (fits(softCuda, SaehdOptions.of(text).inForce(0), mebibytes, step, name)) {
          loaded++;
          ran += step ? 1 : 0;
        }
      } catch (RuntimeException e) {
        throw new AssertionError(name, e);
      }
    }
    assertTrue(loaded > count / 4 && loaded < count * 19 / 20, loaded + " loaded");
    assertEquals(steps, ran, "ran a step");
  }

  private static Map<String, String> options(SplittableRandom random, boolean small) {
    Map<String, String> text = new LinkedHashMap<>();
    boolean df = random.nextBoolean();
    StringBuilder letters = new StringBuilder();
    for (char letter : "udtc".toCharArray()) {
      letters.append(random.nextBoolean() ? letter : "");
    }
    text.put("archi", (df ? "df" : "liae") + (letters.isEmpty() ? "" : "-" + letters));
    text.put("resolution", String.valueOf(small ? 64 : 64 + 32 * random.nextInt(5)));
    for (String dims : DIMS) {
      int least = dims.equals("ae_dims") ? 32 : 16;
      text.put(dims, String.valueOf(small ? least : least + 4 * random.nextInt(8)));
    }
    text.put("batch_size", String.valueOf(1 + random.nextInt(small ? 2 : 12)));
    for (String flag : List.of("adabelief", "clipgrad", "retraining_samples", "random_warp")) {
      text.put(flag, String.valueOf(random.nextBoolean()));
    }
    text.put("lr_dropout", random.nextBoolean() ? "y" : "n");
    text.put("precision", List.of("f32", "bf16", "f16").get(random.nextInt(3)));
    text.put("recompute", random.nextInt(4) == 0 ? "none" : "auto");
    if (random.nextInt(4) == 0) {
      text.put("gan_power", "0.1");
    }
    if (df && random.nextInt(4) == 0) {
      text.put("true_face_power", "0.01");
    }
    if (random.nextInt(4) == 0) {
      text.put("face_style_power", "1");
      text.put("bg_style_power", "2");
    }
    return text;
  }

  /** Plans, and where there is a plan loads it; tells whether there was. */
  private static boolean fits(
      SoftCuda softCuda, SaehdOptions options, int mebibytes, boolean step, String name)
      throws IOException {
    softCuda.reset("memory=" + mebibytes + "MiB");
    try (Device device = Devices.open("cuda")) {
      long before = softCuda.allocated();
      SessionPlan plan;
      try {
        plan = SessionPlan.choose(device, options);
      } catch (SessionException refused) {
        assertTrue(refused.getMessage().startsWith("the session needs "), refused.getMessage());
        assertEquals(before, softCuda.peak(), name);
        return false;
      }
      assertEquals(before, softCuda.peak(), name);
      try (LargeStepTest.Noise noise = new LargeStepTest.Noise(options);
          SaehdLearner learner = new SaehdLearner(device, options, noise, plan)) {
        assertEquals(plan.bytes(), softCuda.allocated() - before, name);
        if (step) {
          learner.initialise();
          assertTrue(learner.step(0).finite(), name);
          assertEquals(plan.bytes(), softCuda.allocated() - before, name);
        }
      }
      return true;
    }
  }
}
