package org.likeness.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.graph.Budget;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.PatchLabels;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;

/**
 * One iteration on a device (spec model.md 6.1): one program, or with retraining the generator's
 * step, now and then once more on the worst samples, and the discriminators' after it.
 */
final class StepProgram implements AutoCloseable {
  private final TrainingStep description;
  private final State state;
  private final Device device;
  private final List<ExecutionPlan> plans;
  private final List<Program> programs = new ArrayList<>();
  private final Arena arena = Arena.ofShared();
  private final WorstSamples worst; // null without retraining
  private final MemorySegment losses; // (n)
  private final Map<Tensor, MemorySegment> labels = new LinkedHashMap<>();
  private final Map<String, MemorySegment> labelsByName = new LinkedHashMap<>();
  private StepObserver observer; // null when nobody looks

  /**
   * What to run.
   *
   * @param retraining whether the worst samples are learned again
   * @param fetches what the host wants to read besides the losses
   */
  record Request(
      Architecture architecture,
      StepSettings settings,
      boolean retraining,
      List<String> fetches,
      boolean withGradients) {
    /** Just trains, on which the host reads the losses alone. */
    static Request training(Architecture architecture, StepSettings settings, boolean retraining) {
      List<String> fetches = List.of(TrainingStep.CODE_LOSS, TrainingStep.PATCH_LOSS);
      return new Request(architecture, settings, retraining, fetches, false);
    }

    /** Describes the programs in the order in which they are loaded and run. */
    List<Graph> programs() {
      if (!retraining) {
        return List.of(described(EnumSet.allOf(TrainingStep.Part.class)));
      }
      Graph generator = described(EnumSet.of(TrainingStep.Part.GENERATOR));
      return settings.adversaries().any()
          ? List.of(generator, described(EnumSet.of(TrainingStep.Part.DISCRIMINATORS)))
          : List.of(generator);
    }

    private Graph described(Set<TrainingStep.Part> parts) {
      TrainingStep step = TrainingStep.describe(architecture, settings, parts);
      List<String> all = new ArrayList<>(List.of("src_loss", "dst_loss"));
      all.addAll(fetches);
      all.retainAll(step.graph().fetches().keySet());
      return step.fetching(all, withGradients);
    }
  }

  /** Plans with no levers that cost time, and loads. */
  StepProgram(Device device, Request request) {
    this(device, request, Levers.DEFAULT);
  }

  /** Plans with these levers, and loads. */
  StepProgram(Device device, Request request, Levers levers) {
    this(
        device,
        request,
        new Budget(device.planTarget(), request.programs(), List.of())
            .plan(levers)
            .orElseThrow()
            .plans());
  }

  /** Loads programs as they are planned; the parameters are zero until they are set. */
  StepProgram(Device device, Request request, List<ExecutionPlan> plans) {
    this.device = device;
    this.plans = List.copyOf(plans);
    description = TrainingStep.describe(request.architecture(), request.settings());
    state = device.allocate(description.graph().persistent());
    worst = request.retraining() ? new WorstSamples(arena, batch(), feedBytes()) : null;
    plans.forEach(plan -> programs.add(device.load(plan, state)));
    losses = arena.allocate(8L * batch(), 64);
    for (Tensor feed : PatchLabels.feeds(graph().leaves(Role.FEED))) {
      labels.put(feed, arena.allocate(feed.bytes(), 64));
      labelsByName.put(feed.name(), labels.get(feed));
    }
  }

  /**
   * Loads the programs anew between two steps, as an observer wants them; null for none. The old
   * ones give their memory back first.
   */
  void observe(StepObserver by) {
    programs.forEach(Program::close);
    programs.clear();
    observer = by;
    for (ExecutionPlan plan : plans) {
      programs.add(device.load(by == null ? plan : by.observed(plan), state));
    }
  }

  private Map<String, Long> feedBytes() {
    Map<String, Long> bytes = new LinkedHashMap<>();
    graph().leaves(Role.FEED).forEach(feed -> bytes.put(feed.name(), feed.bytes()));
    return bytes;
  }

  private int batch() {
    return description.settings().batch();
  }

  /** The whole step, whatever programs it runs as. */
  TrainingStep description() {
    return description;
  }

  /** Every leaf of the step. */
  Graph graph() {
    return description.graph();
  }

  /** The weights and slots. */
  State state() {
    return state;
  }

  /** The samples to be learned again, null without retraining. */
  WorstSamples worst() {
    return worst;
  }

  /** What the programs run when nobody looks, in their order. */
  List<ExecutionPlan> plans() {
    return plans;
  }

  /** Tells whether the next step's feeds can be written as soon as {@link #run} has returned. */
  boolean overlaps() {
    return worst == null && programs.size() == 1 && programs.getFirst().overlaps();
  }

  /**
   * Writes the feeds of the step that begins at {@code iteration}, if nothing is to be repeated.
   */
  void write(Map<String, MemorySegment> feeds, long iteration) {
    draw(iteration);
    write(programs.getFirst(), feeds, feeds);
  }

  /** Makes a step whose feeds are still to be written. */
  void run(Map<String, MemorySegment> feeds, long iteration) {
    run(feeds, iteration, false);
  }

  private void draw(long iteration) {
    labels.forEach(
        (feed, values) ->
            PatchLabels.draw(
                feed,
                description.settings().adversaries().patch(),
                description.settings().seed(),
                iteration,
                values));
  }

  /**
   * Makes the step that leads from {@code iteration} to the next. Losses and outputs are afterwards
   * those of the batch, or where the worst samples were learned again, theirs.
   *
   * @param written whether {@link #write} has been given these feeds
   */
  void run(Map<String, MemorySegment> feeds, long iteration, boolean written) {
    if (written) {
      run(programs.getFirst());
      return;
    }
    draw(iteration);
    Map<String, MemorySegment> judged = feeds;
    run(programs.getFirst(), feeds, feeds);
    if (worst != null) {
      worst.add(feeds, losses("src_loss"), losses("dst_loss"));
      if (worst.due()) {
        judged = worst.take();
        run(programs.getFirst(), judged, judged);
      }
    }
    if (programs.size() > 1) {
      run(programs.getLast(), feeds, judged); // the original's targets, warped inputs or not
    }
  }

  private void run(
      Program program, Map<String, MemorySegment> warped, Map<String, MemorySegment> targets) {
    write(program, warped, targets);
    run(program);
  }

  private void run(Program program) {
    if (observer == null) {
      program.run();
    } else {
      observer.run(program);
    }
  }

  private void write(
      Program program, Map<String, MemorySegment> warped, Map<String, MemorySegment> targets) {
    for (Tensor feed : program.plan().graph().leaves(Role.FEED)) {
      MemorySegment label = labelsByName.get(feed.name());
      Map<String, MemorySegment> from = feed.name().startsWith("warped") ? warped : targets;
      program.write(feed.name(), label != null ? label : from.get(feed.name()));
    }
  }

  /** Returns a loss of each sample (n). */
  double[] losses(String fetch) {
    Tensor t = graph().fetches().get(fetch);
    read(fetch, losses.asSlice(0, t.bytes()));
    double[] values = new double[batch()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          t.dtype() == DType.F64
              ? losses.getAtIndex(ValueLayout.JAVA_DOUBLE, i)
              : losses.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return values;
  }

  /** Copies a fetched value of the last step out. */
  void read(String fetch, MemorySegment dense) {
    for (Program program : programs) {
      if (program.plan().graph().fetches().containsKey(fetch)) {
        program.read(fetch, dense);
        return;
      }
    }
    throw new IllegalArgumentException("no program fetches " + fetch);
  }

  @Override
  public void close() {
    programs.forEach(Program::close);
    state.close();
    arena.close();
  }
}
