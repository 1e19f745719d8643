package org.likeness.train;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.likeness.device.Device;
import org.likeness.runtime.Devices;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

/** Trains a session: opens or resumes it, runs the loop, and saves whatever ends it. */
public final class Trainer {
  private final Request request;
  private final Source source;
  private final PrintStream out;
  private final boolean live;

  /**
   * What to train.
   *
   * @param options values given now, by the names used in files; the others are the session's
   * @param device "auto" or a device's name
   * @param limit how long to train at most, not counting what comes before the first iteration; or
   *     null
   */
  public record Request(
      Path src,
      Path dst,
      Path session,
      Map<String, String> options,
      String device,
      Duration limit) {}

  /**
   * What came of it.
   *
   * @param started the iteration that this run went on from
   * @param interrupted whether Ctrl-C ended it
   */
  public record Outcome(SessionReport session, Path preview, long started, boolean interrupted) {}

  /** Opens the samples that these options ask for, from iteration {@code first} on. */
  interface Source {
    Batches open(SaehdOptions options, long first) throws IOException;
  }

  Trainer(Request request, Source source, PrintStream out, boolean live) {
    this.request = request;
    this.source = source;
    this.out = out;
    this.live = live;
  }

  /**
   * Trains until the target iteration or Ctrl-C.
   *
   * @param live whether {@code out} is a terminal, where a line can be rewritten
   */
  public static Outcome train(Request request, PrintStream out, boolean live) throws IOException {
    SessionFolder.options(request.session(), request.options()); // refused before anything else
    Facesets facesets = Facesets.load(request.src(), request.dst());
    facesets.describe(out);
    Source source = (options, first) -> FacesetBatches.open(facesets, options, first);
    return new Trainer(request, source, out, live).run();
  }

  Outcome run() throws IOException {
    try (Device device = Devices.open(request.device());
        SessionFolder session = SessionFolder.open(request.session(), new DurableFiles())) {
      Optional<Generation> newest =
          session
              .checkpoints()
              .openNewest(manifest -> Weights.layout(manifest.options()), out::println);
      try {
        SaehdOptions options =
            newest.isPresent()
                ? session.goOnWith(newest.get().checkpoint().options(), request.options())
                : SaehdOptions.of(request.options());
        return run(device, session, options, newest);
      } finally {
        newest.ifPresent(Generation::close);
      }
    }
  }

  private Outcome run(
      Device device, SessionFolder session, SaehdOptions options, Optional<Generation> newest)
      throws IOException {
    long start = newest.map(saved -> saved.checkpoint().iteration()).orElse(0L);
    try (Batches batches = source.open(options, start);
        SaehdLearner learner = new SaehdLearner(device, options, batches)) {
      echo(options);
      out.println(device.description() + "; planned memory " + learner.plannedMegabytes() + " MB");
      if (newest.isPresent()) {
        resume(learner, options, newest.get().checkpoint());
        newest.get().close(); // now, because Windows cannot delete what is mapped
      } else {
        learner.initialise();
        out.println("new session " + session.path());
      }
      return loop(session, options, learner, start);
    }
  }

  private void echo(SaehdOptions options) {
    out.println(
        options.stored().entrySet().stream()
            .map(option -> option.getKey() + " " + option.getValue())
            .collect(Collectors.joining(", ")));
  }

  private void resume(SaehdLearner learner, SaehdOptions options, Checkpoint saved) {
    List<String> missing = learner.load(saved);
    out.println("going on with " + request.session() + " from iteration " + saved.iteration());
    if (!missing.isEmpty()) {
      out.printf(
          Locale.ROOT,
          "the optimiser is now %s, so its memory of gradients starts anew (%d tensors)%n",
          options.get(OptionTable.ADABELIEF) ? "AdaBelief" : "RMSprop",
          missing.size());
    }
    Map<String, String> facts = learner.facts();
    TreeSet<String> changed = new TreeSet<>(facts.keySet());
    changed.removeIf(fact -> facts.get(fact).equals(saved.facts().get(fact)));
    if (!changed.isEmpty()) {
      out.println(
          "since the last save this changed: "
              + String.join(", ", changed)
              + "; from here on the run is not bitwise the one that it would have been");
    }
  }

  private Outcome loop(
      SessionFolder session, SaehdOptions options, SaehdLearner learner, long start)
      throws IOException {
    Progress progress =
        new Progress(out, live, options.get(OptionTable.TARGET_ITER), LocalTime::now);
    boolean interrupted;
    try (LossHistory losses = LossHistory.open(session.path(), start)) {
      TrainingLoop loop =
          new TrainingLoop(session, options, learner, losses, progress, System::nanoTime);
      Interruption interruption =
          new Interruption(
              () -> {
                progress.say("finishing this iteration, then saving");
                loop.stop();
              });
      try (interruption) {
        endAfter(request.limit(), loop);
        long end = loop.run(start);
        interrupted = interruption.requested();
        boolean done = end == options.get(OptionTable.TARGET_ITER);
        progress.say(ending(session, start, end, done));
      }
    }
    SessionReport report = SessionReport.of(session.path(), out::println);
    return new Outcome(report, session.preview(), start, interrupted);
  }

  private static void endAfter(Duration limit, TrainingLoop loop) {
    if (limit != null) {
      CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS)
          .execute(loop::stop);
    }
  }

  private static String ending(SessionFolder session, long start, long end, boolean done) {
    if (end == start) {
      return "nothing to do: %s is at iteration %d already; a higher --target-iter goes on"
          .formatted(session.path(), end);
    }
    return "%s at iteration %d, saved in %s; the same command goes on from there"
        .formatted(done ? "done" : "stopped", end, session.path());
  }
}
