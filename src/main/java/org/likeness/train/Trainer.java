package org.likeness.train;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.likeness.device.Device;
import org.likeness.faceset.FaceCache;
import org.likeness.runtime.Devices;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingOptions;

/**
 * Trains a session: opens or resumes it, runs the loop, and saves whatever ends it. Each phase of a
 * recipe begins like a resumed run, so that a kill in between changes nothing.
 */
public final class Trainer {
  private final Request request;
  private final Source source;
  private final PrintStream out;
  private final boolean live;
  private Profile profile; // null until something is recorded
  private long deadline; // by the nano clock, 0 until the first iteration

  /**
   * What to train.
   *
   * @param pretraining faces to pretrain with, or null
   * @param options values given now, by the names used in files; the others are the session's
   * @param device "auto" or a device's name
   * @param limit how long to train at most, not counting what comes before the first iteration; or
   *     null
   * @param profile how many iterations to record; 0 for none
   * @param vram bytes that the session may take on its device, if anybody says so
   * @param cached where prepared faces are kept from run to run
   */
  public record Request(
      Path src,
      Path dst,
      Path pretraining,
      Path session,
      Map<String, String> options,
      String device,
      Duration limit,
      int profile,
      OptionalLong vram,
      FaceCache.Place cached) {
    /** A request without a limit of memory or a cache. */
    public Request(
        Path src,
        Path dst,
        Path pretraining,
        Path session,
        Map<String, String> options,
        String device,
        Duration limit,
        int profile) {
      this(
          src,
          dst,
          pretraining,
          session,
          options,
          device,
          limit,
          profile,
          OptionalLong.empty(),
          FaceCache.Place.NOWHERE);
    }

    /** A request without pretraining. */
    public Request(
        Path src,
        Path dst,
        Path session,
        Map<String, String> options,
        String device,
        Duration limit) {
      this(src, dst, null, session, options, device, limit, 0);
    }

    /** Returns the same request with so many iterations recorded. */
    public Request profiling(int iterations) {
      return new Request(
          src, dst, pretraining, session, options, device, limit, iterations, vram, cached);
    }

    /** Returns the same request with so many bytes of memory on the device at most. */
    public Request within(long bytes) {
      OptionalLong limited = OptionalLong.of(bytes);
      return new Request(
          src, dst, pretraining, session, options, device, limit, profile, limited, cached);
    }

    /** Returns the same request with prepared faces kept there from run to run. */
    public Request caching(FaceCache.Place place) {
      return new Request(
          src, dst, pretraining, session, options, device, limit, profile, vram, place);
    }
  }

  /**
   * What came of it.
   *
   * @param started the iteration that this run went on from
   * @param interrupted whether Ctrl-C ended it
   * @param profile what was recorded, or null
   */
  public record Outcome(
      SessionReport session, Path preview, long started, boolean interrupted, Profile profile) {}

  /** Opens the samples that these options ask for, from iteration {@code first} on. */
  interface Source {
    Batches open(SaehdOptions options, long first) throws IOException;
  }

  /** What came of one phase, or of a run without any. */
  private record Stretch(long start, boolean interrupted, boolean goesOn) {}

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
    SaehdOptions options = // refused before anything else
        SessionFolder.options(request.session(), request.options());
    if (options.get(TrainingOptions.PRETRAIN) && request.pretraining() == null) {
      throw new SessionException(
          "pretrain needs faces to begin with: give their folder with --pretraining-data, or turn"
              + " it off with --no-pretrain");
    }
    Facesets facesets = Facesets.load(request.src(), request.dst(), request.pretraining());
    facesets.requireApart(request.cached().folder());
    facesets.describe(out);
    Source source =
        (wanted, first) -> {
          FacesetBatches batches = FacesetBatches.open(facesets, wanted, first, request.cached());
          batches.cacheState().ifPresent(out::println);
          return batches;
        };
    return new Trainer(request, source, out, live).run();
  }

  /** Whether a session has been begun there. */
  public static boolean exists(Path session) throws IOException {
    return SessionFolder.stored(session).isPresent();
  }

  /** The options that a run would have with these values given; refuses wrong ones. */
  public static SaehdOptions options(Path session, Map<String, String> given) throws IOException {
    return SessionFolder.options(session, given);
  }

  Outcome run() throws IOException {
    try (Device device = Devices.open(request.device());
        SessionFolder session = SessionFolder.open(request.session(), new DurableFiles())) {
      device.advice().ifPresent(out::println);
      Stretch stretch = stretch(device, session);
      long started = stretch.start();
      while (stretch.goesOn()) {
        stretch = stretch(device, session);
      }
      SessionReport report = SessionReport.of(session.path(), out::println);
      return new Outcome(report, session.preview(), started, stretch.interrupted(), profile);
    }
  }

  private Stretch stretch(Device device, SessionFolder session) throws IOException {
    Optional<Generation> newest = session.checkpoints().openNewest(Weights::layout, out::println);
    try {
      SaehdOptions options =
          newest.isPresent()
              ? session.goOnWith(newest.get().checkpoint().options(), request.options())
              : SaehdOptions.of(request.options());
      return stretch(device, session, options, newest);
    } finally {
      newest.ifPresent(Generation::close);
    }
  }

  private Stretch stretch(
      Device device, SessionFolder session, SaehdOptions options, Optional<Generation> newest)
      throws IOException {
    Optional<Checkpoint> saved = newest.map(Generation::checkpoint);
    boolean pretrained = saved.isPresent() && pretrained(saved.get(), options);
    long start = pretrained ? 0 : saved.map(Checkpoint::iteration).orElse(0L);
    SaehdOptions now = options.inForce(start);
    saved.map(Checkpoint::algorithms).ifPresent(device::reuse);
    device.allowTf32(now.get(TrainingOptions.PRECISION).equals("tf32"));
    Notices.ofPrecision(now, device).forEach(out::println);
    SessionPlan plan = SessionPlan.choose(device, now, request.vram(), saved, out::println);
    try (Batches batches = source.open(now, start);
        SaehdLearner learner = new SaehdLearner(device, now, batches, plan)) {
      echo(options, now, start);
      out.printf(
          "%s; planned memory %d MB, %s%n",
          device.description(), learner.plannedMegabytes(), plan.words());
      if (saved.isPresent()) {
        out.println(
            "going on with " + request.session() + " from iteration " + saved.get().iteration());
        resume(learner, now, saved.get());
        if (pretrained) {
          endPretraining(session, learner, options, newest.get());
        } else {
          learner.resume(saved.get());
        }
        newest.get().close(); // now, because Windows cannot delete what is mapped
      } else {
        learner.initialise();
        out.println("new session " + session.path());
      }
      return loop(device, session, options, learner, start);
    }
  }

  /** Whether what was saved is the end of a pretraining that these options turn off. */
  private static boolean pretrained(Checkpoint saved, SaehdOptions options) {
    return saved.options().get(TrainingOptions.PRETRAIN) && !options.get(TrainingOptions.PRETRAIN);
  }

  /** Starts the iterations, the inters and the loss history anew (spec model.md 6.4). */
  private void endPretraining(
      SessionFolder session, SaehdLearner learner, SaehdOptions options, Generation newest)
      throws IOException {
    learner.restartInters();
    long iteration = newest.checkpoint().iteration();
    newest.close();
    session.restart(options, learner, out::println);
    out.printf(
        "pretraining ended after iteration %d: the inters, the iterations and the losses start"
            + " anew%n",
        iteration);
  }

  /** Prints the options as they hold now, and which phase of a recipe it is. */
  private void echo(SaehdOptions options, SaehdOptions now, long start) {
    int phase = options.phases().at(start);
    if (phase >= 0) {
      out.printf(
          "phase %d of %d: %s%n",
          phase + 1, options.phases().list().size(), options.phases().list().get(phase));
    }
    out.println(
        now.stored().entrySet().stream()
            .filter(option -> !option.getValue().equals(""))
            .map(option -> option.getKey() + " " + option.getValue())
            .collect(Collectors.joining(", ")));
  }

  private void resume(SaehdLearner learner, SaehdOptions options, Checkpoint saved) {
    Notices.of(learner.load(saved), options).forEach(out::println);
    Map<String, String> facts = learner.facts();
    TreeSet<String> changed = new TreeSet<>(facts.keySet());
    changed.remove(SessionPlan.LEVERS); // the plan says what matters of these
    changed.remove(SessionPlan.LIMIT);
    changed.removeIf(fact -> facts.get(fact).equals(saved.facts().get(fact)));
    saved
        .algorithms()
        .difference(learner.algorithms())
        .ifPresent(words -> changed.add("algorithms (" + words + ")"));
    if (!changed.isEmpty()) {
      out.println(
          "since the last save this changed: "
              + String.join(", ", changed)
              + "; from here on the run is not bitwise the one that it would have been");
    }
  }

  private Stretch loop(
      Device device, SessionFolder session, SaehdOptions options, SaehdLearner learner, long start)
      throws IOException {
    int target = options.get(OptionTable.TARGET_ITER);
    Progress progress = new Progress(out, live, target, LocalTime::now);
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
        endInTime(loop);
        if (request.profile() > 0 && profile == null) {
          Path folder = session.profile();
          learner.profile(new Profiler(device, request.profile(), folder, progress::say));
        }
        long end = loop.run(start);
        profile = profile == null ? learner.profile() : profile;
        boolean done = end == TrainingLoop.end(options, end);
        boolean goesOn = !done && !loop.stopped();
        progress.say(
            goesOn
                ? "the phase ends at iteration %d, saved in %s".formatted(end, session.path())
                : ending(session, start, end, done));
        return new Stretch(start, interruption.requested(), goesOn);
      }
    }
  }

  private void endInTime(TrainingLoop loop) {
    if (request.limit() == null) {
      return;
    }
    long now = System.nanoTime();
    deadline = deadline == 0 ? now + request.limit().toNanos() : deadline;
    CompletableFuture.delayedExecutor(deadline - now, TimeUnit.NANOSECONDS).execute(loop::stop);
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
