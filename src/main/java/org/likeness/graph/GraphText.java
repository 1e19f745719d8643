package org.likeness.graph;

import java.util.Locale;
import java.util.stream.Collectors;

/** A graph as text, one node per line: what a person reads first. */
public final class GraphText {
  private GraphText() {}

  /** Returns the leaves, then the nodes in order, then the fetches. */
  public static String of(Graph graph) {
    StringBuilder text = new StringBuilder();
    for (Tensor leaf : graph.leaves()) {
      text.append(leaf.role().name().toLowerCase(Locale.ROOT)).append(' ');
      text.append(describe(leaf)).append('\n');
    }
    for (Node node : graph.nodes()) {
      text.append(line(node)).append('\n');
    }
    graph
        .fetches()
        .forEach(
            (name, t) ->
                text.append("fetch ").append(name).append(" = %").append(t.name()).append('\n'));
    return text.toString();
  }

  /** Returns one node as a line: outputs = operation attributes (inputs). */
  public static String line(Node node) {
    String outputs =
        node.outputs().stream().map(GraphText::describe).collect(Collectors.joining(", "));
    String inputs =
        node.inputs().stream().map(t -> "%" + t.name()).collect(Collectors.joining(", ", "(", ")"));
    String writes =
        node.mutated().stream().map(t -> "%" + t.name()).collect(Collectors.joining(", "));
    String left = outputs.isEmpty() ? "writes " + writes : outputs;
    return left + " = " + node.op().name() + attributes(node.op()) + inputs;
  }

  private static String describe(Tensor t) {
    return t + " " + t.bytes() + " B in " + t.role().pool();
  }

  private static String attributes(Op op) {
    String text = op.toString();
    int open = text.indexOf('[');
    String inner = text.substring(open + 1, text.length() - 1);
    return inner.isEmpty() ? " " : " [" + inner + "] ";
  }
}
