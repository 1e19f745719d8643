package org.likeness.faceset;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes batches ahead of the trainer: a fixed ring of buffers, filled sample by sample on {@code
 * threads} threads. Which thread fills what changes nothing in the batch. For one consumer.
 */
public final class BatchLoader implements AutoCloseable {
  private final List<BatchSource> sources;
  private final Arena arena = Arena.ofShared();
  private final Deque<List<SampleBuffers>> free = new ArrayDeque<>();
  private final Deque<Pending> pending = new ArrayDeque<>();
  private final ExecutorService executor;
  private final AtomicLong waited = new AtomicLong();
  private long next;

  /** The samples of one iteration; close it to give its memory back to the loader. */
  public final class Batch implements AutoCloseable {
    private final long iteration;
    private List<SampleBuffers> buffers;

    private Batch(long iteration, List<SampleBuffers> buffers) {
      this.iteration = iteration;
      this.buffers = buffers;
    }

    /** Which iteration it is for. */
    public long iteration() {
      return iteration;
    }

    /** What source number {@code source} of the loader's list gave. */
    public SampleBuffers of(int source) {
      return buffers.get(source);
    }

    /** Lets the loader fill this memory again. */
    @Override
    public void close() {
      if (buffers != null) {
        free.add(buffers);
        buffers = null;
      }
    }
  }

  private static final class Pending {
    final long iteration;
    final List<SampleBuffers> buffers;
    final List<Future<?>> samples = new ArrayList<>();
    volatile boolean unwanted;

    Pending(long iteration, List<SampleBuffers> buffers) {
      this.iteration = iteration;
      this.buffers = buffers;
    }
  }

  private BatchLoader(List<BatchSource> sources, int threads) {
    this.sources = List.copyOf(sources);
    executor =
        Executors.newFixedThreadPool(
            threads, Thread.ofPlatform().daemon().name("likeness-loader-", 1).factory());
  }

  /**
   * Starts loading at iteration {@code first}, at most {@code ahead} batches in advance of the one
   * in use. The sources are those of both sides, normally src and dst.
   */
  public static BatchLoader start(List<BatchSource> sources, int threads, int ahead, long first) {
    if (threads < 1 || ahead < 1) {
      throw new IllegalArgumentException(
          "a loader of " + threads + " threads and " + ahead + " batches ahead");
    }
    BatchLoader loader = new BatchLoader(sources, threads);
    for (int i = 0; i <= ahead; i++) {
      List<SampleBuffers> buffers = new ArrayList<>();
      for (BatchSource source : sources) {
        buffers.add(SampleBuffers.allocate(loader.arena, source.batch(), source.settings()));
      }
      loader.free.add(List.copyOf(buffers));
    }
    loader.next = first;
    loader.submit();
    return loader;
  }

  /**
   * Waits for the batch of {@code iteration}; asking for them in order is what makes it fast. A
   * FacesetException carries the message of a sample that failed.
   */
  public Batch take(long iteration) throws IOException, InterruptedException {
    if (executor.isShutdown()) {
      throw new IllegalStateException("the loader is closed");
    }
    if (pending.isEmpty() ? next != iteration : pending.getFirst().iteration != iteration) {
      drain();
      next = iteration;
    }
    submit();
    if (pending.isEmpty()) {
      throw new IllegalStateException("every batch is in use: close one first");
    }
    Pending head = pending.getFirst();
    long begun = System.nanoTime();
    try {
      for (Future<?> sample : head.samples) {
        await(sample);
      }
    } finally {
      waited.addAndGet(System.nanoTime() - begun);
    }
    pending.removeFirst();
    return new Batch(iteration, head.buffers);
  }

  /** Whether {@link #take} would not wait for that iteration. */
  public boolean ready(long iteration) {
    Pending head = pending.peekFirst();
    return head != null
        && head.iteration == iteration
        && head.samples.stream().allMatch(Future::isDone);
  }

  /** Nanoseconds that {@link #take} has waited for samples, from the start. */
  public long nanosWaited() {
    return waited.get();
  }

  private void submit() {
    while (!free.isEmpty()) {
      Pending batch = new Pending(next++, free.remove());
      pending.add(batch);
      for (int s = 0; s < sources.size(); s++) {
        for (int slot = 0; slot < sources.get(s).batch(); slot++) {
          int source = s;
          int at = slot;
          batch.samples.add(executor.submit(() -> fill(batch, source, at)));
        }
      }
    }
  }

  private Void fill(Pending batch, int source, int slot) throws IOException {
    if (!batch.unwanted) {
      sources.get(source).fill(batch.iteration, slot, batch.buffers.get(source));
    }
    return null;
  }

  private static void await(Future<?> sample) throws IOException, InterruptedException {
    try {
      sample.get();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      throw new FacesetException(
          cause instanceof IOException ? cause.getMessage() : "a sample failed: " + cause, cause);
    }
  }

  /** Gives up what was loaded ahead; its memory is free only once nobody writes to it. */
  private void drain() throws InterruptedException {
    pending.forEach(batch -> batch.unwanted = true);
    while (!pending.isEmpty()) {
      for (Future<?> sample : pending.getFirst().samples) {
        try {
          sample.get();
        } catch (ExecutionException e) {
          // nobody asked for this sample
        }
      }
      free.add(pending.removeFirst().buffers);
    }
  }

  /**
   * Stops the threads, waits for them, and frees every buffer, those of batches still in use too.
   */
  @Override
  public void close() {
    if (!executor.isShutdown()) {
      executor.shutdownNow();
      executor.close();
      arena.close();
    }
  }
}
