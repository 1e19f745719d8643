package org.likeness.device.cpu;

import java.util.Arrays;
import java.util.List;
import org.likeness.graph.Image;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Op;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Reduction;
import org.likeness.graph.Shape;
import org.likeness.graph.Update;

/**
 * Every operation as a plain function of double arrays: the specification that fast kernels are
 * tested against, and the f64 device.
 */
final class Oracle {
  private Oracle() {}

  /**
   * One call: the operation, its inputs and their shapes, and the shapes of its outputs.
   *
   * @param in row-major contents; the function does not change them
   */
  record Call(Op op, List<Shape> inputs, double[][] in, List<Shape> outputs) {
    /** Returns a zeroed array for an output. */
    double[] make(int output) {
      return new double[Math.toIntExact(outputs.get(output).elements())];
    }
  }

  /**
   * Returns the contents of the outputs; for an update, of the inputs that it writes, in the order
   * of {@link Op#mutates()}.
   */
  static double[][] run(Op op, List<Shape> inputs, double[][] in) {
    boolean effect = !op.mutates().isEmpty();
    List<Shape> outputs = effect ? List.of() : op.infer(inputs);
    Call call = new Call(op, inputs, in, outputs);
    return switch (op) {
      case Linear linear -> OracleLinear.run(linear, call);
      case Pointwise pointwise -> new double[][] {OraclePointwise.run(pointwise, call)};
      case Movement movement -> new double[][] {OracleMovement.run(movement, call)};
      case Reduction reduction -> new double[][] {OracleReduction.run(reduction, call)};
      case Image image -> OracleImage.run(image, call);
      case Update update -> OracleUpdate.run(update, call);
    };
  }

  /**
   * Returns, for each element of {@code large}, the element of {@code small} that repeats to it.
   */
  static int[] repeatIndex(Shape small, Shape large) {
    int rank = large.rank();
    int[] index = new int[Math.toIntExact(large.elements())];
    int[] at = new int[rank];
    for (int i = 0; i < index.length; i++) {
      int j = 0;
      for (int axis = 0; axis < rank; axis++) {
        j = j * small.dim(axis) + (small.dim(axis) == 1 ? 0 : at[axis]);
      }
      index[i] = j;
      for (int axis = rank - 1; axis >= 0 && ++at[axis] == large.dim(axis); axis--) {
        at[axis] = 0;
      }
    }
    return index;
  }

  /** Returns a copy multiplied by a constant. */
  static double[] scaled(double[] x, double scale) {
    return Arrays.stream(x).map(v -> v * scale).toArray();
  }
}
