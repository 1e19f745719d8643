package org.likeness.device;

import java.lang.foreign.MemorySegment;
import org.likeness.graph.ExecutionPlan;

/**
 * A loaded plan. Running it allocates nothing on the device; the CPU's f64 oracle, and f32 nodes
 * that only it computes, make arrays on the Java heap.
 */
public interface Program extends AutoCloseable {
  /** Returns the plan that was loaded. */
  ExecutionPlan plan();

  /**
   * Sets a feed for the next run; {@code dense} has exactly its bytes. Every feed is written anew
   * before each run, after runs of other programs of the state: once read, its memory serves other
   * values.
   */
  void write(String feed, MemorySegment dense);

  /**
   * Runs every node once. A device of its own may still be at work when this returns: {@link #read}
   * waits for it, and where it {@link #overlaps}, {@link #write} sets the feeds of the next run
   * meanwhile.
   */
  void run();

  /** Tells whether the next run's feeds may be written before the last run's values are read. */
  default boolean overlaps() {
    return false;
  }

  /** Runs like {@link #run} and returns the nanoseconds that each node took, in their order. */
  long[] runTimed();

  /**
   * Copies a fetched value of the last run out, before another program of the state runs; {@code
   * dense} has exactly its bytes.
   */
  void read(String fetch, MemorySegment dense);

  /**
   * Returns the bytes of device memory that loading the program brought, the slab too where no
   * other had one to share, as seen after a run: on the processor up to the last byte that was
   * written, on a card what the driver says.
   */
  long measuredBytes();

  @Override
  void close();
}
