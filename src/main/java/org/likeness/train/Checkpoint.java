package org.likeness.train;

import java.util.List;
import java.util.Map;
import org.likeness.device.Algorithms;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.SaehdOptions;

/**
 * Everything that resuming needs. Files map a stem of spec model.md 7.1 ({@code encoder}, {@code
 * src_dst_opt}) to its tensors in the reference's layout and names (7.3); facts are lines about the
 * library, the device and its execution plan.
 *
 * @param algorithms how the device computed each shape, to be reused
 */
record Checkpoint(
    long iteration,
    SaehdOptions options,
    Map<String, String> facts,
    Algorithms algorithms,
    Map<String, List<SafetensorsTensor>> files) {
  /** Makes a checkpoint of a device that has one way for everything. */
  Checkpoint(
      long iteration,
      SaehdOptions options,
      Map<String, String> facts,
      Map<String, List<SafetensorsTensor>> files) {
    this(iteration, options, facts, Algorithms.NONE, files);
  }

  Checkpoint {
    if (iteration < 0) {
      throw new IllegalArgumentException("iteration " + iteration + " is negative");
    }
    facts = Map.copyOf(facts);
  }
}
