package org.likeness.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.likeness.graph.Graph;
import org.likeness.graph.LayerStatistics;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Passes;
import org.likeness.graph.Passes.Pass;
import org.likeness.graph.Reduction;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/**
 * How a person calls a node of a step.
 *
 * @param value what it makes, or first changes, as {@code encoder/down1/act#2}
 * @param layer that it belongs to, as {@code encoder/down1}; all updates are one
 * @param pass the side that it computes, and the micro-batch where there are several
 */
record NodeName(String value, String layer, String pass, Phase phase) {
  /** What a node is for; the text heads a column. */
  enum Phase {
    FORWARD("forward"),
    BACKWARD("backward"),
    WEIGHTS("weight gradients"),
    UPDATE("update"),
    STATISTICS("statistics");

    private final String text;

    Phase(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static final String UPDATES = "updates";

  /** What a use, a micro-batch or a parameter's kind adds to a layer's name. */
  private static final Pattern REST = Pattern.compile("[#~+:].*");

  /** Names every node of a scheduled graph, in order. */
  static List<NodeName> of(Graph graph) {
    Map<Integer, Pass> passes = Passes.of(graph);
    List<Tensor> feeds = graph.leaves(Role.FEED);
    List<Integer> parts =
        List.copyOf(
            new TreeSet<>(
                passes.values().stream().map(Pass::part).filter(NodeName::isPart).toList()));
    List<NodeName> names = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Tensor value = node.hasEffect() ? node.mutated().getFirst() : node.outputs().getFirst();
      Phase phase = phase(node, value);
      Tensor read = phase == Phase.STATISTICS ? node.inputs().getFirst() : value;
      String layer = phase == Phase.UPDATE ? UPDATES : layer(read.name());
      Pass pass = passes.getOrDefault(read.id(), passes.get(value.id()));
      names.add(new NodeName(value.name(), layer, pass(pass, phase, feeds, parts), phase));
    }
    return names;
  }

  private static Phase phase(Node node, Tensor value) {
    if (node.op() instanceof Reduction.Statistics) {
      return Phase.STATISTICS;
    }
    if (node.op() instanceof Update) {
      return Phase.UPDATE;
    }
    boolean weights =
        node.op() instanceof Linear.Conv2dWgrad || node.op() instanceof Linear.DenseWgrad;
    boolean ofParameter = LayerStatistics.isGradient(value) && value.name().contains(":");
    return weights || ofParameter
        ? Phase.WEIGHTS
        : LayerStatistics.isGradient(value) ? Phase.BACKWARD : Phase.FORWARD;
  }

  private static String pass(Pass pass, Phase phase, List<Tensor> feeds, List<Integer> parts) {
    if (phase == Phase.UPDATE) {
      return UPDATES;
    }
    String feed = feeds.isEmpty() ? "" : feeds.get(pass.feed()).name();
    String side = feed.contains("src") ? "src" : feed.contains("dst") ? "dst" : "step";
    String stage = pass.stage() > 0 ? "discriminators " : "";
    String part = isPart(pass.part()) ? " part " + (parts.indexOf(pass.part()) + 1) : "";
    return stage + side + part;
  }

  private static boolean isPart(int part) {
    return part != Pass.BEFORE && part != Pass.AFTER;
  }

  /** Returns the block of layers that a value's name says, its first two parts. */
  static String layer(String value) {
    String plain = REST.matcher(value.replaceFirst("^(statistics/)?(d/)?", "")).replaceFirst("");
    int first = plain.indexOf('/');
    int second = first < 0 ? -1 : plain.indexOf('/', first + 1);
    return second < 0 ? plain : plain.substring(0, second);
  }
}
