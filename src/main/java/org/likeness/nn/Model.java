package org.likeness.nn;

import java.util.LinkedHashMap;
import java.util.Map;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Op;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;

/** A graph under construction with the parameters that its layers declared. */
public final class Model {
  private GraphBuilder graph = new GraphBuilder();
  private final Map<Tensor, Initializer> parameters = new LinkedHashMap<>();
  private final DType dtype;

  /** Starts an empty model that computes in one element type. */
  public Model(DType dtype) {
    this.dtype = dtype;
  }

  /** Returns the element type of parameters and feeds. */
  public DType dtype() {
    return dtype;
  }

  /** Declares a parameter; its name must be new. */
  public Tensor parameter(String name, Shape shape, Initializer initializer) {
    Tensor tensor = graph.leaf(Role.PARAMETER, name, shape, dtype);
    parameters.put(tensor, initializer);
    return tensor;
  }

  /** Declares a value that the host writes before each run. */
  public Tensor feed(String name, Shape shape) {
    return graph.leaf(Role.FEED, name, shape, dtype);
  }

  /** Declares a value of another element type that the host writes before each run. */
  public Tensor feed(String name, Shape shape, DType type) {
    return graph.leaf(Role.FEED, name, shape, type);
  }

  /** Adds a node with one output; see {@link GraphBuilder#add}. */
  public Tensor add(String name, Op op, Tensor... inputs) {
    return graph.add(name, op, inputs);
  }

  /** Returns the builder itself. */
  public GraphBuilder graph() {
    return graph;
  }

  /** Makes a tensor readable by the host after each run. */
  public void fetch(String name, Tensor tensor) {
    graph.fetch(name, tensor);
  }

  /** Returns the declared parameters in order with their initialisers. */
  public Map<Tensor, Initializer> parameters() {
    return java.util.Collections.unmodifiableMap(parameters);
  }

  /**
   * Goes on from a graph that was made of {@link #build}'s, with gradients and updates for example:
   * what is added from here on reads the parameters as they are after it.
   */
  public void goOnFrom(Graph made) {
    graph = new GraphBuilder(made);
  }

  /** Returns the graph so far. */
  public Graph build() {
    return graph.build();
  }
}
