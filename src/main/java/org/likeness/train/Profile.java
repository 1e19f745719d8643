package org.likeness.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.LayerStatistics;
import org.likeness.graph.LayerStatistics.Kind;
import org.likeness.graph.Node;
import org.likeness.graph.Work;
import org.likeness.train.NodeName.Phase;

/**
 * Recorded steps, summed up.
 *
 * @param device in words
 * @param steps each run of each program, in order
 * @param layers by time, the slowest first; all times are means over the iterations
 * @param values what was measured of each value in each step
 * @param plannedBytes of the recorded programs, without weights and slots
 * @param measuredBytes that they were seen to take
 */
public record Profile(
    String device,
    List<ProfiledStep> steps,
    List<Layer> layers,
    List<Value> values,
    long plannedBytes,
    long measuredBytes) {
  /** A standard deviation below which a layer's output carries next to nothing. */
  static final double DEAD = 0.01;

  /** Iterations in which a new model's layers come to life. */
  private static final int YOUNG = 1000;

  private static final int SHOWN = 16;

  /** Copies the lists. */
  public Profile {
    steps = List.copyOf(steps);
    layers = List.copyOf(layers);
    values = List.copyOf(values);
  }

  /**
   * The time of a layer in an iteration.
   *
   * @param milliseconds by what for
   * @param flops of its convolutions and products
   */
  record Layer(String name, Map<Phase, Double> milliseconds, double flops) {
    double total() {
      return milliseconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }
  }

  /** Least, greatest, mean and deviation of a value in an iteration. */
  record Value(long iteration, LayerStatistics.Measured of, NodeName name, float[] statistics) {
    float deviation() {
      return statistics[3];
    }
  }

  static Profile of(
      String device,
      List<ProfiledStep> steps,
      Map<ExecutionPlan, LayerStatistics> measures,
      long plannedBytes,
      long measuredBytes) {
    return new Profile(
        device, steps, layers(steps), values(steps, measures), plannedBytes, measuredBytes);
  }

  private static List<Layer> layers(List<ProfiledStep> steps) {
    long iterations = iterations(steps).size();
    Map<String, Map<Phase, Double>> times = new LinkedHashMap<>();
    Map<String, Double> flops = new LinkedHashMap<>();
    for (ProfiledStep step : steps) {
      List<NodeName> names = NodeName.of(step.plan().graph());
      for (int i = 0; i < names.size(); i++) {
        NodeName name = names.get(i);
        Node node = step.plan().graph().nodes().get(i);
        if (name.phase() != Phase.STATISTICS) {
          times
              .computeIfAbsent(name.layer(), k -> new EnumMap<>(Phase.class))
              .merge(name.phase(), step.nanos()[i] / 1e6 / iterations, Double::sum);
          flops.merge(name.layer(), Work.flops(node) / iterations, Double::sum);
        }
      }
    }
    List<Layer> layers = new ArrayList<>();
    times.forEach((name, of) -> layers.add(new Layer(name, of, flops.get(name))));
    layers.sort(Comparator.comparingDouble(Layer::total).reversed());
    return layers;
  }

  private static List<Value> values(
      List<ProfiledStep> steps, Map<ExecutionPlan, LayerStatistics> measures) {
    List<Value> values = new ArrayList<>();
    for (ProfiledStep step : steps) {
      Map<String, NodeName> names = new LinkedHashMap<>();
      for (NodeName name : NodeName.of(step.plan().graph())) {
        names.put(name.value(), name);
      }
      for (LayerStatistics.Measured of : measures.get(step.plan()).measured()) {
        NodeName name = names.get(of.value().name());
        name = name == null ? names.get(of.fetch()) : name; // a second output
        values.add(new Value(step.iteration(), of, name, step.statistics().get(of.fetch())));
      }
    }
    return values;
  }

  private static Set<Long> iterations(List<ProfiledStep> steps) {
    Set<Long> iterations = new LinkedHashSet<>();
    steps.forEach(step -> iterations.add(step.iteration()));
    return iterations;
  }

  /** Returns the first recorded iteration. */
  public long first() {
    return steps.getFirst().iteration();
  }

  /** Returns the last recorded iteration. */
  public long last() {
    return steps.getLast().iteration();
  }

  /** Returns the mean milliseconds of an iteration's nodes, without the statistics. */
  public double milliseconds() {
    return layers.stream().mapToDouble(Layer::total).sum();
  }

  /** Returns the activations of the last iteration that carry next to nothing, worst first. */
  List<Value> dead() {
    return values.stream()
        .filter(v -> v.iteration() == last() && v.of().kind() == Kind.ACTIVATION)
        .filter(v -> !(v.deviation() >= DEAD)) // a NaN is dead too
        .sorted(Comparator.comparingDouble(Value::deviation))
        .toList();
  }

  /** Returns the names of the activations that look dead, worst first. */
  public List<String> deadNames() {
    return dead().stream().map(v -> v.of().value().name()).toList();
  }

  /** Returns what a person reads first, line by line. */
  List<String> lines(Path folder) {
    List<String> lines = new ArrayList<>();
    double all = milliseconds();
    lines.add(
        line("profile of iterations %d to %d: %.1f ms in the nodes of each", first(), last(), all));
    lines.add(
        line(
            "  %-28s %9s %6s %9s %9s %9s %9s",
            "layer", "ms", "share", "forward", "backward", "weights", "GFLOP/s"));
    for (Layer layer : layers.subList(0, Math.min(SHOWN, layers.size()))) {
      double total = layer.total();
      lines.add(
          line(
              "  %-28s %9.2f %5.1f%% %9.2f %9.2f %9.2f %9.1f",
              layer.name(),
              total,
              100 * total / all,
              layer.milliseconds().getOrDefault(Phase.FORWARD, 0.0),
              layer.milliseconds().getOrDefault(Phase.BACKWARD, 0.0),
              layer.milliseconds().getOrDefault(Phase.WEIGHTS, 0.0),
              layer.flops() / total / 1e6));
    }
    lines.add(
        line(
            "memory beside weights and optimiser: planned %.1f MB, measured %.1f MB",
            plannedBytes / 1e6, measuredBytes / 1e6));
    lines.addAll(deadLines());
    lines.add("values: " + folder.resolve(ProfileFiles.VALUES));
    lines.add("all figures: " + folder.resolve(ProfileFiles.REPORT));
    lines.add("trace, for ui.perfetto.dev: " + folder.resolve(ProfileFiles.TRACE));
    return lines;
  }

  private List<String> deadLines() {
    List<Value> dead = dead();
    if (dead.isEmpty()) {
      return List.of(line("no activation looks dead: all deviate by %.2f and more", DEAD));
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        line(
            "%d activations look dead, they deviate by less than %.2f%s:",
            dead.size(), DEAD, last() < YOUNG ? ", as many of a new model do" : ""));
    for (Value v : dead.subList(0, Math.min(SHOWN, dead.size()))) {
      lines.add(
          line("  %-28s %-12s std %.2g", v.of().value().name(), v.name().pass(), v.deviation()));
    }
    return lines;
  }

  private static String line(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
