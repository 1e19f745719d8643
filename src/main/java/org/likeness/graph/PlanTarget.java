package org.likeness.graph;

import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What plans are made for and compared by, a device or a model of one.
 *
 * @param profile what it says of a scheduled graph
 * @param seconds that a node takes there, about
 */
public record PlanTarget(Function<Graph, DeviceProfile> profile, ToDoubleFunction<Node> seconds) {
  /** Returns the seconds of a graph's nodes one after another. */
  public double seconds(Graph graph) {
    return graph.nodes().stream().mapToDouble(seconds).sum();
  }
}
