package org.likeness.train;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.likeness.device.Device;
import org.likeness.graph.Budget;
import org.likeness.graph.Cut;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Levers;
import org.likeness.graph.Recompute;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingOptions;

/**
 * What a session loads on its device, decided before anything is allocated.
 *
 * @param steps the plans of a step's programs
 * @param bytes of everything that is allocated for them
 * @param limit of those bytes, as the session remembers it
 */
record SessionPlan(
    Levers levers,
    List<ExecutionPlan> steps,
    ExecutionPlan preview,
    long bytes,
    double seconds,
    String limit) {
  /** The fact that holds the levers, so that a resumed run takes the same. */
  static final String LEVERS = "levers";

  /** The fact that holds what limited the memory. */
  static final String LIMIT = "memory";

  private static final Pattern STORED =
      Pattern.compile("micro-batches (\\d+)( after the trunk)?, recompute (.+)");
  private static final int TRIES = 4;

  /** Chooses for a new session that nobody limits but the device. */
  static SessionPlan choose(Device device, SaehdOptions options) throws SessionException {
    return choose(device, options, OptionalLong.empty(), Optional.empty(), line -> {});
  }

  /**
   * Chooses, or takes what a checkpoint was made with if it still holds.
   *
   * @param vram bytes that the session may take, the driver's included, if the user says so
   * @param say told in a sentence where the plan is another than the checkpoint's
   * @throws SessionException where no plan fits, with the ways out
   */
  static SessionPlan choose(
      Device device,
      SaehdOptions options,
      OptionalLong vram,
      Optional<Checkpoint> saved,
      Consumer<String> say)
      throws SessionException {
    SessionPrograms programs = new SessionPrograms(options);
    OptionalLong allowed = allowed(device, vram);
    String limit = vram.isPresent() ? vram.getAsLong() + " bytes" : "what the device has free";
    Optional<Levers> before = saved.map(Checkpoint::facts).flatMap(SessionPlan::stored);
    String change = saved.isEmpty() || before.isEmpty() ? "" : change(saved.get(), options, limit);
    if (before.isPresent() && change.isEmpty()) {
      Optional<Budget.Choice> same =
          programs
              .plan(device.planTarget(), before.get())
              .filter(c -> allowed.isEmpty() || c.bytes() <= allowed.getAsLong());
      if (same.isPresent()) {
        return of(device, programs, same.get(), limit);
      }
      change = "the memory that is free";
    }
    SessionPlan plan = of(device, programs, chosen(device, options, programs, allowed), limit);
    if (before.isPresent() && !before.get().equals(plan.levers())) {
      say.accept(
          "memory is planned anew, because %s changed: %s, before %s"
              .formatted(change, plan.words(), words(before.get())));
    }
    return plan;
  }

  /** Least of what the user allows and what there is. */
  private static OptionalLong allowed(Device device, OptionalLong vram) {
    OptionalLong free = device.freeBytes();
    if (vram.isEmpty()) {
      return free;
    }
    long given = vram.getAsLong() - device.overheadBytes();
    return OptionalLong.of(Math.min(given, free.orElse(Long.MAX_VALUE)));
  }

  private static String change(Checkpoint saved, SaehdOptions options, String limit) {
    if (!saved.options().get(OptionTable.BATCH_SIZE).equals(options.batchSize())) {
      return OptionTable.BATCH_SIZE.name();
    }
    String recompute = options.get(TrainingOptions.RECOMPUTE);
    if (!saved.options().get(TrainingOptions.RECOMPUTE).equals(recompute)) {
      return TrainingOptions.RECOMPUTE.name();
    }
    return limit.equals(saved.facts().get(LIMIT)) ? "" : "--vram";
  }

  private static SessionPlan of(
      Device device, SessionPrograms programs, Budget.Choice choice, String limit) {
    return new SessionPlan(
        choice.levers(),
        choice.plans(),
        programs.preview(device.planTarget()),
        choice.bytes(),
        choice.seconds(),
        limit);
  }

  private static Budget.Choice chosen(
      Device device, SaehdOptions options, SessionPrograms programs, OptionalLong allowed)
      throws SessionException {
    if (allowed.isEmpty()) {
      return programs.plan(device.planTarget(), programs.base()).orElseThrow();
    }
    long bytes = allowed.getAsLong();
    for (int tries = 0; tries < TRIES; tries++) {
      Optional<Budget.Choice> sketched = programs.fit(device.sketch(), bytes);
      if (sketched.isEmpty()) {
        break;
      }
      Optional<Budget.Choice> taken = programs.plan(device.planTarget(), sketched.get().levers());
      if (taken.isPresent() && taken.get().bytes() <= allowed.getAsLong()) {
        return taken.get();
      }
      long excess = taken.map(c -> c.bytes() - allowed.getAsLong()).orElse(0L);
      bytes -= Math.max(excess, bytes / 64); // measured workspaces are larger than sketched ones
    }
    throw new SessionException(
        VramAdvice.refusal(options, device.sketch(), allowed.getAsLong(), device.overheadBytes()));
  }

  private static Optional<Levers> stored(Map<String, String> facts) {
    Matcher stored = STORED.matcher(facts.getOrDefault(LEVERS, ""));
    return stored.matches()
        ? Optional.of(
            Levers.DEFAULT
                .with(new Cut(Integer.parseInt(stored.group(1)), stored.group(2) != null))
                .with(Recompute.parse(stored.group(3))))
        : Optional.empty();
  }

  /** What a checkpoint keeps of the plan. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(
        LEVERS,
        "micro-batches %d%s, recompute %s"
            .formatted(
                levers.cut().parts(),
                levers.cut().wholeTrunk() ? " after the trunk" : "",
                levers.recompute()));
    facts.put(LIMIT, limit);
    return facts;
  }

  /** How the step is computed, for a person. */
  String words() {
    return words(levers);
  }

  private static String words(Levers levers) {
    String micro =
        "the %s in %d micro-batches"
            .formatted(
                levers.cut().wholeTrunk() ? "decoder's batch" : "batch", levers.cut().parts());
    String batch = levers.cut().equals(Cut.NONE) ? "the batch in one piece" : micro;
    return levers.recompute().equals(Recompute.NONE)
        ? batch
        : batch + ", some activations recomputed";
  }
}
