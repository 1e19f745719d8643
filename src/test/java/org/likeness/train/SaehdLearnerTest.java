package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.LocalTime;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.device.Device;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.LossOptions;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingOptions;

class SaehdLearnerTest {
  private static final SaehdOptions TINY =
      SaehdOptions.of(
          Map.of(
              "archi",
              "df-ud",
              "resolution",
              "64",
              "ae_dims",
              "32",
              "e_dims",
              "16",
              "d_dims",
              "16",
              "d_mask_dims",
              "16",
              "batch_size",
              "2",
              "preview_every",
              "0",
              "exact_batches",
              "true",
              "seed",
              "3"));

  @TempDir Path dir;

  /** Blobs of two colours whose place and size depend on iteration and slot. */
  private static final class Blobs implements Batches {
    private final Arena arena = Arena.ofAuto();
    private final Map<String, MemorySegment> feeds = new TreeMap<>();

    Blobs() {
      for (String side : List.of("src", "dst")) {
        feeds.put("warped_" + side, arena.allocate(2L * 64 * 64 * 3 * Float.BYTES));
        feeds.put("target_" + side, arena.allocate(2L * 64 * 64 * 3 * Float.BYTES));
        feeds.put("target_" + side + "m", arena.allocate(2L * 64 * 64 * Float.BYTES));
      }
    }

    @Override
    public Map<String, MemorySegment> take(long iteration) {
      for (String side : List.of("src", "dst")) {
        RandomGenerator random =
            RandomGeneratorFactory.of("L64X128MixRandom").create(iteration + side.hashCode());
        for (int sample = 0; sample < 2; sample++) {
          double x = random.nextDouble(24, 40);
          double y = random.nextDouble(24, 40);
          draw(feeds.get("warped_" + side), sample, 3, x + 1, y, side);
          draw(feeds.get("target_" + side), sample, 3, x, y, side);
          draw(feeds.get("target_" + side + "m"), sample, 1, x, y, side);
        }
      }
      return feeds;
    }

    private static void draw(
        MemorySegment to, int sample, int channels, double x, double y, String side) {
      for (int i = 0; i < 64 * 64; i++) {
        boolean inside = Math.hypot(i % 64 - x, i / 64 - y) < 16;
        for (int c = 0; c < channels; c++) {
          float value = channels == 1 ? 1 : side.equals("src") ? 0.9f - 0.3f * c : 0.3f * c;
          to.setAtIndex(
              ValueLayout.JAVA_FLOAT,
              ((long) sample * 64 * 64 + i) * channels + c,
              inside ? value : 0);
        }
      }
    }

    @Override
    public void close() {}
  }

  private void train(String name, SaehdOptions options, int target) throws IOException {
    Progress silent =
        new Progress(
            new PrintStream(new ByteArrayOutputStream()), false, 0, () -> LocalTime.MIDNIGHT);
    SaehdOptions goal = options.with(OptionTable.TARGET_ITER, target);
    try (Device device = new CpuDevice();
        SessionFolder session = SessionFolder.open(dir.resolve(name), new DurableFiles());
        SaehdLearner learner = new SaehdLearner(device, goal, new Blobs())) {
      var newest = session.checkpoints().openNewest(Weights::layout, said -> {});
      long start = 0;
      if (newest.isPresent()) {
        try (Generation generation = newest.get()) {
          start = generation.checkpoint().iteration();
          assertEquals(List.of(), learner.load(generation.checkpoint()));
          learner.resume(generation.checkpoint());
        }
      } else {
        learner.initialise();
      }
      try (LossHistory losses = LossHistory.open(session.path(), start)) {
        new TrainingLoop(session, goal, learner, losses, silent, System::nanoTime).run(start);
      }
    }
  }

  @Test
  void lossesFallAndThePreviewShowsTheColours() throws IOException {
    train("swap", TINY.with(OptionTable.LR, 2e-4), 60);
    List<LossHistory.Entry> losses = LossHistory.read(dir.resolve("swap"));
    assertEquals(60, losses.size());
    assertTrue(losses.getLast().src() < 0.8 * losses.get(0).src(), losses.toString());
    assertTrue(losses.getLast().dst() < 0.8 * losses.get(0).dst(), losses.toString());
    BufferedImage preview = javax.imageio.ImageIO.read(dir.resolve("swap/preview.png").toFile());
    assertEquals(5 * 128, preview.getWidth());
    int src = preview.getRGB(64, 20 + 64);
    assertTrue((src & 255) > (src >> 16 & 255), "src blobs are blue");
  }

  @Test
  void weightsSurviveTheReferencesLayout() throws IOException {
    try (Device device = new CpuDevice();
        SaehdLearner first = new SaehdLearner(device, TINY, new Blobs());
        SaehdLearner second = new SaehdLearner(device, TINY, new Blobs());
        Arena arena = Arena.ofShared()) {
      first.initialise();
      Map<String, List<SafetensorsTensor>> saved = first.weights(arena);
      second.load(new Checkpoint(1, TINY, Map.of(), saved));
      Map<String, List<SafetensorsTensor>> loaded = second.weights(arena);
      assertEquals(saved.keySet(), loaded.keySet());
      SafetensorsTensor conv = saved.get("encoder").get(0);
      assertEquals("down1/downs_0/conv1/weight:0", conv.name());
      assertArrayEquals(new long[] {5, 5, 3, 16}, conv.shape());
      saved.forEach(
          (stem, tensors) -> {
            for (int i = 0; i < tensors.size(); i++) {
              assertEquals(-1, tensors.get(i).data().mismatch(loaded.get(stem).get(i).data()));
            }
          });
    }
  }

  @Test
  void anotherOptimiserFindsItsSlotsMissing() throws IOException {
    SaehdOptions rmsprop = TINY.with(OptionTable.ADABELIEF, false);
    try (Device device = new CpuDevice();
        SaehdLearner first = new SaehdLearner(device, TINY, new Blobs());
        SaehdLearner second = new SaehdLearner(device, rmsprop, new Blobs());
        Arena arena = Arena.ofShared()) {
      first.initialise();
      List<String> missing = second.load(new Checkpoint(1, TINY, Map.of(), first.weights(arena)));
      assertEquals("src_dst_opt/acc_encoder/down1/downs_0/conv1/weight_0:0", missing.get(0));
      assertTrue(missing.stream().allMatch(name -> name.startsWith("src_dst_opt/acc_")));
    }
  }

  /** Spec model.md 6.2; the original begins a new collection with each session. */
  @Test
  void theWorstSamplesAreCollectedAcrossARestart() throws IOException {
    SaehdOptions options =
        TINY.withText(Map.of("retraining_samples", "y", "true_face_power", "0.01"));
    train("one", options, 18);
    train("two", options, 9);
    train("two", options, 18);
    assertEquals(losses("one"), losses("two"));
    SaehdOptions without = options.with(TrainingOptions.RETRAINING_SAMPLES, false);
    train("three", without, 18);
    assertEquals(losses("one").subList(0, 15), losses("three").subList(0, 15));
    assertNotEquals(losses("one").get(15), losses("three").get(15), "the 16th is learned again");
  }

  private List<String> losses(String session) throws IOException {
    return LossHistory.read(dir.resolve(session)).stream()
        .map(entry -> entry.src() + " " + entry.dst())
        .toList();
  }

  @Test
  void aDiscriminatorThatRestsIsKept() throws IOException {
    SaehdOptions opposed = TINY.withText(Map.of("gan_power", "0.1", "gan_dims", "4"));
    try (Device device = new CpuDevice();
        SaehdLearner first = new SaehdLearner(device, opposed, new Blobs());
        SaehdLearner second = new SaehdLearner(device, TINY, new Blobs());
        SaehdLearner third = new SaehdLearner(device, opposed, new Blobs());
        Arena arena = Arena.ofShared()) {
      first.initialise();
      Learner.Losses losses = first.step(0);
      assertEquals(2 * Math.log(2), losses.patch(), 0.1, "it guesses at first");
      Map<String, List<SafetensorsTensor>> saved = first.weights(arena);
      assertEquals("ms_D_src/in_conv/weight_0:0", name(saved.get("GAN_opt"), "in_conv/weight"));
      assertEquals(List.of(), second.load(new Checkpoint(1, opposed, Map.of(), saved)));
      Map<String, List<SafetensorsTensor>> rested = second.weights(arena);
      assertEquals(List.of(), third.load(new Checkpoint(2, TINY, Map.of(), rested)));
      Map<String, List<SafetensorsTensor>> again = third.weights(arena);
      assertEquals(saved.keySet(), again.keySet());
      for (int i = 0; i < saved.get("GAN").size(); i++) {
        assertEquals(-1, saved.get("GAN").get(i).data().mismatch(again.get("GAN").get(i).data()));
      }
    }
  }

  private static String name(List<SafetensorsTensor> tensors, String part) {
    return tensors.stream()
        .map(SafetensorsTensor::name)
        .filter(name -> name.contains(part))
        .findFirst()
        .orElse("");
  }

  @Test
  void noisyLabelsReachTheDiscriminator() throws IOException {
    SaehdOptions exact =
        TINY.withText(
            Map.of("dialect", "mve", "gan_power", "0.1", "gan_dims", "4", "gan_smoothing", "0"));
    SaehdOptions noisy = exact.with(LossOptions.GAN_NOISE, 0.5);
    assertEquals(4 * Math.log(2), patchLoss(exact, 1), 0.2, "it guesses at first");
    assertTrue(patchLoss(exact, 12) < patchLoss(noisy, 12), "nothing can be learned from coins");
  }

  private static float patchLoss(SaehdOptions options, int iterations) throws IOException {
    try (Device device = new CpuDevice();
        SaehdLearner learner =
            new SaehdLearner(device, options.with(OptionTable.LR, 1e-3), new Blobs())) {
      learner.initialise();
      float last = 0;
      for (int i = 0; i < iterations; i++) {
        last = learner.step(i).patch();
      }
      return last;
    }
  }

  @Test
  void aDiscriminatorOfAnotherShapeStartsAnew() throws IOException {
    SaehdOptions narrow = TINY.withText(Map.of("gan_power", "0.1", "gan_dims", "4"));
    SaehdOptions wide = narrow.with(LossOptions.GAN_DIMS, 8);
    try (Device device = new CpuDevice();
        SaehdLearner first = new SaehdLearner(device, narrow, new Blobs());
        SaehdLearner second = new SaehdLearner(device, wide, new Blobs());
        Arena arena = Arena.ofShared()) {
      first.initialise();
      first.step(0);
      List<String> missing = second.load(new Checkpoint(1, narrow, Map.of(), first.weights(arena)));
      assertTrue(missing.contains("GAN/in_conv/weight:0"), missing.toString());
      assertTrue(missing.contains("GAN/out_conv/bias:0"), "though its shape is the same");
      assertTrue(missing.stream().allMatch(name -> name.startsWith("GAN")), missing.toString());
      assertEquals(List.of("the GAN's discriminator starts anew"), Notices.of(missing, wide));
      assertEquals(2 * Math.log(2), second.step(1).patch(), 0.1, "it guesses again");
    }
  }

  @Test
  void theSwapperMakesThePreviewsSwap() throws IOException {
    train("swap", TINY, 1);
    float[] face = new float[64 * 64 * 3];
    for (int i = 0; i < face.length; i++) {
      face[i] = (i % 97) / 97f;
    }
    try (Device device = new CpuDevice();
        Swapper swapper = Swapper.open(dir.resolve("swap"), device, said -> {})) {
      assertEquals(1, swapper.iteration());
      Swapper.Swap swap = swapper.swap(face);
      assertEquals(64 * 64 * 3, swap.image().length);
      assertEquals(64 * 64, swap.mask().length);
      assertEquals(0.5, swap.image()[6000], 0.1, "grey at the start");
      assertEquals(0.25, swap.mask()[2000], 0.1, "the product of two masks of one half");
      assertArrayEquals(swap.image(), swapper.swap(face).image());
    }
  }
}
