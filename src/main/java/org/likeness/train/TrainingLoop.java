package org.likeness.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SessionOptions;

/**
 * Iterates until the target or until it is told to stop, and saves after the first iteration, at
 * intervals and at the end (spec model.md 6.1, 6.5). One thread runs it; any may stop it.
 */
final class TrainingLoop {
  private final SessionFolder session;
  private final SaehdOptions options;
  private final Learner learner;
  private final LossHistory losses;
  private final Progress progress;
  private final LongSupplier nanoTime;
  private long saveNanos;

  private SaehdOptions inForce;
  private volatile boolean stopping;
  private long iteration;
  private long savedIteration;
  private long savedAt;
  private long drawnIteration = -1;

  /** Goes on from the iteration of the last entry that {@code losses} may hold. */
  TrainingLoop(
      SessionFolder session,
      SaehdOptions options,
      Learner learner,
      LossHistory losses,
      Progress progress,
      LongSupplier nanoTime) {
    this.session = session;
    this.options = options;
    this.learner = learner;
    this.losses = losses;
    this.progress = progress;
    this.nanoTime = nanoTime;
    this.inForce = options;
  }

  /** Asks for an end after the iteration at work. */
  void stop() {
    stopping = true;
  }

  /**
   * Trains from iteration {@code start} to the end of its phase at most and returns the iteration
   * reached. A loss that is not a number ends it without a save; a SessionException says why.
   */
  long run(long start) throws IOException {
    iteration = start;
    inForce = options.inForce(start);
    saveNanos = TimeUnit.MINUTES.toNanos(inForce.get(SessionOptions.SAVE_MINUTES));
    savedIteration = start == 0 ? -1 : start;
    savedAt = nanoTime.getAsLong();
    long end = end(options, start);
    while (!stopping && iteration < end) {
      step();
      if (iteration == 1 || nanoTime.getAsLong() - savedAt >= saveNanos) {
        save();
      }
      if (iteration == start + 1 || isPreviewDue()) {
        draw();
      }
    }
    if (iteration > start) {
      if (savedIteration != iteration) {
        save();
      }
      draw();
    }
    return iteration;
  }

  /** The iteration at which a run from {@code start} ends: its phase's end, or the target. */
  static long end(SaehdOptions options, long start) {
    int target = options.get(OptionTable.TARGET_ITER);
    return Math.min(target == 0 ? Long.MAX_VALUE : target, options.phases().end(start));
  }

  /** Whether something has asked for an end. */
  boolean stopped() {
    return stopping;
  }

  private void step() throws IOException {
    long begun = nanoTime.getAsLong();
    long waited = learner.nanosWaited();
    Learner.Losses loss = learner.step(iteration);
    long ended = nanoTime.getAsLong();
    iteration++;
    if (!loss.finite()) {
      throw new SessionException(
          "iteration %d: the loss is not a number, so training ended without saving; start again to go on from %s, with a lower --lr"
              .formatted(
                  iteration, savedIteration < 0 ? "the start" : "iteration " + savedIteration));
    }
    int milliseconds = (int) Math.min(Integer.MAX_VALUE, (ended - begun + 500_000) / 1_000_000);
    LossHistory.Entry entry =
        new LossHistory.Entry(
            iteration, milliseconds, loss, (learner.nanosWaited() - waited) / 100_000 / 10f);
    losses.append(entry);
    learner.notices().forEach(progress::say);
    progress.iteration(entry, ended);
  }

  private void save() throws SessionException {
    losses.sync();
    try (Arena arena = Arena.ofShared()) {
      Checkpoint checkpoint =
          new Checkpoint(
              iteration, options, learner.facts(), learner.algorithms(), learner.weights(arena));
      session.checkpoints().save(checkpoint, progress::say);
    }
    savedIteration = iteration;
    savedAt = nanoTime.getAsLong();
    progress.saved();
    backUp();
  }

  private void backUp() throws SessionException {
    try {
      if (session.backups().due(inForce.get(SessionOptions.AUTOBACKUP_HOUR))) {
        session
            .backups()
            .make(
                session.checkpoints(),
                inForce.get(SessionOptions.SESSION_NAME),
                inForce.get(SessionOptions.MAXIMUM_N_BACKUPS),
                progress::say);
      }
    } catch (IOException e) {
      throw SessionException.at("cannot read the backups", session.path(), e);
    }
  }

  private boolean isPreviewDue() {
    int every = inForce.get(SessionOptions.PREVIEW_EVERY);
    int original = 10 * Math.max(1, inForce.resolution() / 64); // spec model.md 6.7
    return every > 0 && iteration % every == 0
        || inForce.get(SessionOptions.WRITE_PREVIEW_HISTORY) && iteration % original == 0;
  }

  private void draw() throws SessionException {
    if (drawnIteration != iteration) {
      session.savePreview(learner.preview(iteration, losses.entries()), iteration);
      drawnIteration = iteration;
    }
  }
}
