package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

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
      var newest = session.checkpoints().openNewest(m -> Weights.layout(m.options()), said -> {});
      long start = 0;
      if (newest.isPresent()) {
        try (Generation generation = newest.get()) {
          start = generation.checkpoint().iteration();
          assertEquals(List.of(), learner.load(generation.checkpoint()));
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
  void weightsSurviveTheReferencesLayout() {
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
  void anotherOptimiserFindsItsSlotsMissing() {
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
