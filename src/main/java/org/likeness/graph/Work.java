package org.likeness.graph;

/** What a node costs a device at least: its arithmetic and its traffic. */
public final class Work {
  private Work() {}

  /** Returns the floating-point operations of a convolution or matrix product, 0 of others. */
  public static double flops(Node node) {
    return switch (node.op()) {
      case Linear.Conv2d op -> products(node.output(), node.inputs().get(1).shape());
      case Linear.Conv2dDgrad op ->
          products(node.inputs().getFirst(), node.inputs().get(1).shape());
      case Linear.Conv2dWgrad op -> products(node.inputs().get(1), op.weight());
      case Linear.Dense op -> 2.0 * node.inputs().get(1).shape().elements() * rows(node);
      case Linear.DenseDgrad op -> 2.0 * node.inputs().get(1).shape().elements() * rows(node);
      case Linear.DenseWgrad op -> 2.0 * node.outputs().getFirst().shape().elements() * rows(node);
      case Pointwise op -> 0;
      case Movement op -> 0;
      case Reduction op -> 0;
      case Image op -> 0;
      case Update.DenseUpdate op ->
          2.0 * node.inputs().getFirst().shape().elements() * node.inputs().get(1).shape().n();
      case Update op -> 0;
    };
  }

  /** Every element of a result y (n,h,w,co) sums over k k ci products of a weight (co,k,k,ci). */
  private static double products(Tensor y, Shape weight) {
    return 2.0 * y.shape().elements() * weight.inner(0);
  }

  private static int rows(Node node) {
    return node.inputs().getFirst().shape().n();
  }

  /** Returns the floating-point operations of a graph's convolutions and matrix products. */
  public static double flops(Graph graph) {
    return graph.nodes().stream().mapToDouble(Work::flops).sum();
  }

  /** Returns the bytes that a node reads and writes, each operand once. */
  public static long traffic(Node node) {
    long bytes = 0;
    for (Tensor t : node.inputs()) {
      bytes += t.bytes();
    }
    for (Tensor t : node.outputs()) {
      bytes += t.bytes();
    }
    for (Tensor t : node.mutated()) {
      bytes += t.bytes();
    }
    return bytes;
  }
}
