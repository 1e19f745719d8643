package org.likeness.train;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import java.util.Map;
import org.likeness.device.Algorithms;
import org.likeness.format.SafetensorsTensor;

/** A model that learns on a device from two facesets: what the loop needs of it. */
interface Learner extends AutoCloseable {
  /**
   * Mean losses over the batch, of the weights before the step's update.
   *
   * @param code the code discriminator's, 0 where there is none
   * @param patch the patch discriminator's, 0 where there is none
   */
  record Losses(float src, float dst, float code, float patch) {
    Losses(float src, float dst) {
      this(src, dst, 0, 0);
    }

    boolean finite() {
      return Float.isFinite(src + dst) && Float.isFinite(code + patch);
    }
  }

  /**
   * Makes the step that leads from {@code iteration} to the next. What it sees depends on the
   * session's seed and the iteration only.
   */
  Losses step(long iteration) throws IOException;

  /** Nanoseconds that steps could not begin because their samples were not ready, all together. */
  default long nanosWaited() {
    return 0;
  }

  /** Sentences to be told since the last step. */
  default List<String> notices() {
    return List.of();
  }

  /** Every weight and optimiser slot by file stem, as a checkpoint stores it. */
  Map<String, List<SafetensorsTensor>> weights(Arena arena);

  /** Lines about library, device and execution plan. */
  Map<String, String> facts();

  /** How the device computes each shape. */
  default Algorithms algorithms() {
    return Algorithms.NONE;
  }

  /** A picture of what it makes of the samples of the last step. */
  BufferedImage preview(long iteration, List<LossHistory.Entry> losses);

  @Override
  void close();
}
