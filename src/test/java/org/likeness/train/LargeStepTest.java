package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.likeness.device.Device;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.DType;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.saehd.SaehdOptions;

/** One whole step on the processor inside its own plan. */
class LargeStepTest {
  @Test
  void aSmallStepTakesWhatIsPlanned() throws IOException {
    run(Map.of("resolution", "64", "ae_dims", "32", "d_dims", "16", "batch_size", "2"), 1L << 30);
  }

  /** Workload L in f32, 25 GB as it is written, in 8 GB; minutes on two cores. */
  @Test
  @Tag("slow")
  void theLargestWorkloadTakesWhatIsPlanned() throws IOException {
    run(Map.of("archi", "liae-udt", "resolution", "704", "batch_size", "16"), 8_000_000_000L);
  }

  private static void run(Map<String, String> text, long limit) throws IOException {
    SaehdOptions options = SaehdOptions.of(text);
    try (Device device = new CpuDevice();
        Noise noise = new Noise(options)) {
      SessionPlan plan =
          SessionPlan.choose(
              device, options, OptionalLong.of(limit), Optional.empty(), System.out::println);
      assertTrue(plan.bytes() <= limit, plan.bytes() + " of " + limit);
      try (SaehdLearner learner = new SaehdLearner(device, options, noise, plan)) {
        learner.initialise();
        long start = System.nanoTime();
        assertTrue(learner.step(0).finite());
        System.out.printf(
            "%s: %,d bytes, step of %.0f s%n",
            plan.words(), plan.bytes(), (System.nanoTime() - start) / 1e9);
        assertEquals(Math.ceilDiv(plan.bytes(), 1_000_000), learner.plannedMegabytes());
      }
    }
  }

  /** Feeds of noise, in the types that the options ask for. */
  static final class Noise implements Batches {
    private final Arena arena = Arena.ofShared();
    private final Map<String, MemorySegment> feeds = new LinkedHashMap<>();

    Noise(SaehdOptions options) {
      SplittableRandom random = new SplittableRandom(1);
      for (Tensor feed : SessionPrograms.request(options).programs().getFirst().leaves(Role.FEED)) {
        MemorySegment values = arena.allocate(feed.bytes(), 64);
        for (long i = 0; i < feed.shape().elements(); i++) {
          if (feed.dtype() == DType.U8) {
            values.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
          } else {
            values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextDouble());
          }
        }
        feeds.put(feed.name(), values);
      }
    }

    @Override
    public Map<String, MemorySegment> take(long iteration) {
      return feeds;
    }

    @Override
    public void close() {
      arena.close();
    }
  }
}
