package org.likeness.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.LayerStatistics;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.Reduction;

/**
 * Records some steps of a run, node by node, and writes what it saw. The step computes the same
 * bits as without: what is added only reads.
 */
final class Profiler implements StepObserver {
  /** Steps before the first recorded one, in which kernels are compiled and caches filled. */
  static final int WARM_UP = 2;

  private final Device device;
  private final int steps;
  private final Path folder;
  private final Consumer<String> say;
  private final List<ProfiledStep> recorded = new ArrayList<>();
  private final Map<ExecutionPlan, LayerStatistics> measures = new IdentityHashMap<>();
  private final List<ExecutionPlan> loaded = new ArrayList<>();
  private final Map<ExecutionPlan, Long> measured = new IdentityHashMap<>(); // bytes
  private long begun;
  private long iteration;
  private int seen;
  private Profile profile; // null until written

  /**
   * Will record so many steps into a folder.
   *
   * @param say prints a line
   */
  Profiler(Device device, int steps, Path folder, Consumer<String> say) {
    this.device = device;
    this.steps = steps;
    this.folder = folder;
    this.say = say;
  }

  /**
   * Is told of each step before it begins.
   *
   * @param learner loads its programs for an observer, or null for none
   */
  void next(Consumer<StepObserver> learner, long iteration) throws IOException {
    this.iteration = iteration + 1; // the one that it leads to, as all else counts
    if (seen == WARM_UP) {
      learner.accept(this);
    }
    if (seen == WARM_UP + steps) {
      finish(learner);
    }
    seen++;
  }

  /** Ends the recording, if it has not ended, and writes it. */
  void finish(Consumer<StepObserver> learner) throws IOException {
    if (profile != null) {
      return;
    }
    if (recorded.isEmpty()) {
      say.accept(
          "no profile: the run ended within the %d iterations of warm-up before it"
              .formatted(WARM_UP));
      return;
    }
    learner.accept(null);
    long bytes = measured.values().stream().mapToLong(Long::longValue).sum();
    profile = Profile.of(device.description(), recorded, measures, plannedBytes(loaded), bytes);
    ProfileFiles.write(folder, profile);
    profile.lines(folder).forEach(say);
  }

  /** What was recorded, null if nothing was. */
  Profile profile() {
    return profile;
  }

  @Override
  public ExecutionPlan observed(ExecutionPlan plan) {
    LayerStatistics statistics = LayerStatistics.apply(plan.graph());
    Graph graph = statistics.graph();
    ExecutionPlan all = ExecutionPlan.of(graph, device.profile(graph));
    measures.put(all, statistics);
    loaded.add(all);
    return all;
  }

  @Override
  public void run(Program program) {
    long start = System.nanoTime();
    begun = recorded.isEmpty() ? start : begun;
    long[] nanos = program.runTimed();
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment four =
          arena.allocate(ValueLayout.JAVA_FLOAT, Reduction.Statistics.NAMES.size());
      for (LayerStatistics.Measured each : measures.get(program.plan()).measured()) {
        program.read(each.fetch(), four);
        values.put(each.fetch(), four.toArray(ValueLayout.JAVA_FLOAT));
      }
    }
    measured.computeIfAbsent(program.plan(), plan -> program.measuredBytes());
    recorded.add(new ProfiledStep(iteration, program.plan(), start - begun, nanos, values));
  }

  /** Returns the bytes that programs of one state take beside it. */
  static long plannedBytes(List<ExecutionPlan> plans) {
    List<MemoryPlan> memory = plans.stream().map(ExecutionPlan::memory).toList();
    long feeds = memory.stream().mapToLong(MemoryPlan::feedBytes).sum();
    return MemoryPlan.sharedSlabBytes(memory) + feeds;
  }
}
