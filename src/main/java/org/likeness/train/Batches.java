package org.likeness.train;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Map;

/** Where samples come from. */
interface Batches extends AutoCloseable {
  /**
   * Fills the feeds of a training step (spec model.md 1.5): {@code warped_src, target_src,
   * warped_dst, target_dst} (n,R,R,3) and {@code target_srcm, target_dstm} (n,R,R,1), f32. What
   * they get depends on the session's seed and the iteration only.
   */
  void fill(long iteration, Map<String, MemorySegment> feeds) throws IOException;

  @Override
  void close();
}
