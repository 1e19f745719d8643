package org.likeness.train;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import org.likeness.saehd.TrainingStep;

/** Where samples come from. */
interface Batches extends AutoCloseable {
  /**
   * The feeds of a training step (spec model.md 1.5), valid until the next call but one: {@code
   * warped_src, target_src, warped_dst, target_dst} (n,R,R,3) and {@code target_srcm, target_dstm}
   * (n,R,R,1), with priorities also {@code target_srcm_em, target_dstm_em} or of both {@code _eyes}
   * and {@code _mouth} (n,R,R,1), in the types that {@link TrainingStep} states. They depend on the
   * session's seed and the iteration (from 0) only.
   */
  Map<String, MemorySegment> take(long iteration) throws IOException;

  /** Whether {@link #take} would return at once. */
  default boolean ready(long iteration) {
    return false;
  }

  /** Sentences, each told once, about samples that could no longer be made of what was there. */
  default List<String> notices() {
    return List.of();
  }

  /** Nanoseconds that {@link #take} has waited for samples, all together. */
  default long nanosWaited() {
    return 0;
  }

  @Override
  void close();
}
