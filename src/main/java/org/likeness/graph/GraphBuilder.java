package org.likeness.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Collects nodes into a {@link Graph}; every method checks its arguments at once. */
public final class GraphBuilder {
  private final List<Tensor> leaves = new ArrayList<>();
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Tensor> fetches = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
  private int nextId;

  /** Starts an empty graph. */
  public GraphBuilder() {}

  /** Continues a graph: everything in it stays as it is. */
  public GraphBuilder(Graph graph) {
    leaves.addAll(graph.leaves());
    nodes.addAll(graph.nodes());
    fetches.putAll(graph.fetches());
    leaves.forEach(this::keep);
    nodes.forEach(node -> node.outputs().forEach(this::keep));
  }

  private void keep(Tensor tensor) {
    names.add(tensor.name());
    nextId = Math.max(nextId, tensor.id() + 1);
  }

  /** Adds a leaf; its name must be new. */
  public Tensor leaf(Role role, String name, Shape shape, DType dtype) {
    if (role == Role.VALUE) {
      throw new IllegalArgumentException(name + ": a value is made by a node, not declared");
    }
    if (!names.add(name)) {
      throw new IllegalArgumentException("the graph has a tensor " + name + " already");
    }
    Tensor tensor = new Tensor(nextId++, name, shape, dtype, role);
    leaves.add(tensor);
    return tensor;
  }

  /** Adds a node with one output and returns that output. */
  public Tensor add(String name, Op op, Tensor... inputs) {
    return addAll(name, op, List.of(inputs)).getFirst();
  }

  /** Adds a node and returns its outputs, which are named after {@code name}. */
  public List<Tensor> addAll(String name, Op op, List<Tensor> inputs) {
    List<Shape> shapes = op.infer(inputs.stream().map(Tensor::shape).toList());
    DType dtype =
        shapes.isEmpty() ? DType.F32 : op.dtype(inputs.stream().map(Tensor::dtype).toList());
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < shapes.size(); i++) {
      String wanted = i == 0 ? name : name + "." + i;
      outputs.add(new Tensor(nextId++, unique(wanted), shapes.get(i), dtype, Role.VALUE));
    }
    nodes.add(new Node(op, inputs, outputs));
    return outputs;
  }

  private String unique(String wanted) {
    String name = wanted;
    for (int i = 2; !names.add(name); i++) {
      name = wanted + "#" + i;
    }
    return name;
  }

  /** Makes a tensor readable by the host after each run. */
  public void fetch(String name, Tensor tensor) {
    fetches.put(name, tensor);
  }

  /** Returns the graph so far. */
  public Graph build() {
    return new Graph(leaves, nodes, fetches);
  }
}
