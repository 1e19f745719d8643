package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Epilogue;
import org.likeness.graph.Pointwise.Activate;
import org.likeness.graph.Pointwise.Binary;

/**
 * Folds the residual add and the activation that follow a convolution into its epilogue, where
 * nothing else reads what lies between.
 */
public final class FuseEpilogues {
  private final Map<Integer, List<Node>> consumers;
  private final Set<Integer> fetched = new HashSet<>();
  private final Map<Node, Node> replacement = new HashMap<>();
  private final Set<Node> merged = new HashSet<>();

  private FuseEpilogues(Graph graph) {
    consumers = graph.consumers();
    graph.fetches().values().forEach(t -> fetched.add(t.id()));
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Conv2d op && op.epilogue().equals(Epilogue.NONE)) {
        fuse(node, op);
      }
    }
  }

  /** Returns the graph with fused convolutions; run it after differentiation. */
  public static Graph apply(Graph graph) {
    FuseEpilogues pass = new FuseEpilogues(graph);
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!pass.merged.contains(node)) {
        nodes.add(pass.replacement.getOrDefault(node, node));
      }
    }
    return new Graph(graph.leaves(), nodes, graph.fetches());
  }

  private void fuse(Node conv, Conv2d op) {
    Node last = conv;
    Tensor residual = null;
    Node next = onlyConsumer(conv.output());
    if (next != null && next.op() instanceof Binary add && add.kind() == Binary.Kind.ADD) {
      Tensor other = next.inputs().get(next.inputs().getFirst().equals(conv.output()) ? 1 : 0);
      boolean fits = other.shape().equals(conv.output().shape()) && !other.equals(conv.output());
      if (fits && !replacement.containsKey(next)) {
        residual = other;
        last = next;
        next = onlyConsumer(next.output());
      }
    }
    Activation activation = Activation.NONE;
    if (next != null && next.op() instanceof Activate activate) {
      activation = activate.activation();
      last = next;
    }
    if (last != conv) {
      replace(conv, op, new Epilogue(residual != null, activation), residual, last);
    }
  }

  private void replace(Node conv, Conv2d op, Epilogue epilogue, Tensor residual, Node last) {
    List<Tensor> inputs = new ArrayList<>(conv.inputs());
    if (residual != null) {
      inputs.add(residual);
    }
    Conv2d fused = new Conv2d(op.window(), op.scale(), op.bias(), epilogue);
    replacement.put(last, new Node(fused, inputs, last.outputs()));
    for (Node node = conv; node != last; node = onlyConsumer(node.output())) {
      merged.add(node);
    }
  }

  private Node onlyConsumer(Tensor tensor) {
    List<Node> readers = consumers.getOrDefault(tensor.id(), List.of());
    return readers.size() == 1 && !fetched.contains(tensor.id()) ? readers.getFirst() : null;
  }
}
