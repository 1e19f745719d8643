package org.likeness.benchmarks;

import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.likeness.device.Program;
import org.likeness.graph.GraphText;
import org.likeness.graph.Node;

/**
 * Where the time of a step goes.
 *
 * @param milliseconds the median of each node over some runs, in the order of the nodes
 */
record NodeTimes(List<Node> nodes, double[] milliseconds) {
  private static final int SLOWEST = 12;
  private static final int WIDTH = 110;

  /** Runs a step with timed nodes. */
  static NodeTimes measure(Program step, Map<String, MemorySegment> feeds, int runs) {
    List<Node> nodes = step.plan().graph().nodes();
    double[][] times = new double[nodes.size()][runs];
    for (int run = 0; run < runs; run++) {
      feeds.forEach(step::write);
      long[] nanos = step.runTimed();
      for (int i = 0; i < nanos.length; i++) {
        times[i][run] = nanos[i] / 1e6;
      }
    }
    double[] medians = new double[times.length];
    for (int i = 0; i < medians.length; i++) {
      Arrays.sort(times[i]);
      medians[i] = times[i][runs / 2];
    }
    return new NodeTimes(nodes, medians);
  }

  /** Prints a Markdown table by operation, then the slowest nodes. */
  void print(PrintStream out) {
    Map<String, double[]> operations = new TreeMap<>(); // count, milliseconds
    double total = 0;
    for (int i = 0; i < milliseconds.length; i++) {
      double[] sum = operations.computeIfAbsent(nodes.get(i).op().name(), name -> new double[2]);
      sum[0]++;
      sum[1] += milliseconds[i];
      total += milliseconds[i];
    }
    out.println("| operation | nodes | ms | share |");
    out.println("|---|---:|---:|---:|");
    double all = total;
    operations.entrySet().stream()
        .sorted(Comparator.comparingDouble(e -> -e.getValue()[1]))
        .forEach(
            e ->
                out.printf(
                    Locale.ROOT,
                    "| %s | %.0f | %.2f | %.1f %% |%n",
                    e.getKey(),
                    e.getValue()[0],
                    e.getValue()[1],
                    100 * e.getValue()[1] / all));
    Integer[] order = new Integer[milliseconds.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, Comparator.comparingDouble(i -> -milliseconds[i]));
    for (int i = 0; i < Math.min(SLOWEST, order.length); i++) {
      String line = GraphText.line(nodes.get(order[i]));
      out.printf(
          Locale.ROOT,
          "%8.3f ms  %s%n",
          milliseconds[order[i]],
          line.substring(0, Math.min(WIDTH, line.length())));
    }
  }
}
