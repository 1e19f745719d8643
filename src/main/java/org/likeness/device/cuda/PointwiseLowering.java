package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Shape;

/**
 * Launches for {@link Pointwise} nodes: one each, of a thread for every 16 bytes of the operands.
 * An output may lie where an input of the same size does.
 */
final class PointwiseLowering {
  private static final int THREADS = 256;

  private PointwiseLowering() {}

  /** Returns the temporary bytes that the node's launches need: none. */
  static long workspaceBytes(Node node, Target target) {
    return 0;
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Pointwise pointwise, Operands o, Target target) {
    return switch (pointwise) {
      case Pointwise.Activate op -> activate(op.activation(), o);
      case Pointwise.ActivateGrad op -> activateGrad(op.activation(), o);
      case Pointwise.Binary op -> binary(op, o);
      case Pointwise.Affine op -> wide("pointwise", "affine_forward", o, op.scale(), op.shift());
      case Pointwise.Unary op -> wide("pointwise", op.name() + "_forward", o);
      case Pointwise.Clip op -> wide("pointwise", "clip_forward", o, op.low(), op.high());
      case Pointwise.ClipGrad op ->
          wide("pointwise_backward", "clip_backward", o, op.low(), op.high());
      case Pointwise.Power op -> narrow("power_forward", o, op.exponent());
      case Pointwise.PowerGrad op -> narrow("power_backward", o, op.exponent(), op.exponent() - 1);
      case Pointwise.Bce op -> narrow("bce_forward", o);
      case Pointwise.BceGrad op -> narrow("bce_backward", o);
      case Pointwise.Constant op ->
          MovementLowering.fill(o.out(0), o.node().output().bytes(), pattern(op));
      case Pointwise.Cast op -> cast(op, o);
      case Pointwise.StopGradient op -> copy(o, 0);
    };
  }

  private static List<Launch> activate(Activation activation, Operands o) {
    return switch (activation.kind()) {
      case IDENTITY -> copy(o, 0);
      case LEAKY_RELU -> wide("pointwise", "leaky_relu_forward", o, activation.slope());
      case X_COS_X -> wide("pointwise", "x_cos_x_forward", o);
      case SIGMOID -> wide("pointwise", "sigmoid_forward", o);
    };
  }

  private static List<Launch> activateGrad(Activation activation, Operands o) {
    return switch (activation.kind()) {
      case IDENTITY -> copy(o, 1);
      case LEAKY_RELU -> wide("pointwise_backward", "leaky_relu_backward", o, activation.slope());
      case X_COS_X -> wide("pointwise_backward", "x_cos_x_backward", o);
      case SIGMOID -> wide("pointwise_backward", "sigmoid_backward", o);
    };
  }

  private static List<Launch> binary(Pointwise.Binary op, Operands o) {
    Shape large = o.shape(0);
    Shape small = o.shape(1);
    if (small.equals(large)) {
      return wide("binary", op.name() + "_forward", o);
    }
    FloatType type = FloatType.of(o);
    List<Argument> arguments = operands(o);
    arguments.add(MergedAxes.of(op, small, large).repeat());
    Entry entry = new Entry("binary", type.entry(op.name() + "_forward") + "_repeat");
    return List.of(new Launch(entry, grid(large.elements(), type.lanes()), 0, arguments));
  }

  private static List<Launch> cast(Pointwise.Cast op, Operands o) {
    DType from = o.type(0);
    if (from == op.type()) {
      return copy(o, 0);
    }
    for (DType type : List.of(from, op.type())) {
      if (type == DType.F64 || type == DType.I64) {
        throw op.refusal(FloatType.unsupported(type));
      }
    }
    String name = "cast_" + FloatType.text(from) + "_" + FloatType.text(op.type());
    Grid grid = grid(o.shape(0).elements(), 8);
    return List.of(new Launch(new Entry("cast", name), grid, 0, operands(o)));
  }

  private static List<Launch> copy(Operands o, int input) {
    return MovementLowering.copy(o.in(input), o.out(0), o.node().output().bytes());
  }

  /** A kernel whose threads take 16 bytes of each operand. */
  private static List<Launch> wide(String family, String name, Operands o, double... scalars) {
    FloatType type = FloatType.of(o);
    Entry entry = new Entry(family, type.entry(name));
    return List.of(launch(entry, type.lanes(), o, scalars));
  }

  /** A kernel whose threads take one element of each operand. */
  private static List<Launch> narrow(String name, Operands o, double... scalars) {
    Entry entry = new Entry("pointwise_loss", FloatType.of(o).entry(name));
    return List.of(launch(entry, 1, o, scalars));
  }

  private static Launch launch(Entry entry, int each, Operands o, double... scalars) {
    List<Argument> arguments = operands(o);
    for (double scalar : scalars) {
      arguments.add(new F32((float) scalar));
    }
    return new Launch(entry, grid(o.outputShape(0).elements(), each), 0, arguments);
  }

  /** The addresses of inputs and output, and the number of elements. */
  private static List<Argument> operands(Operands o) {
    List<Argument> arguments = new ArrayList<>();
    o.inputs().forEach(address -> arguments.add(new Pointer(address)));
    arguments.add(new Pointer(o.out(0)));
    arguments.add(new Pointer(o.outputShape(0).elements()));
    return arguments;
  }

  private static Grid grid(long elements, int each) {
    return Grid.over((elements + each - 1) / each, THREADS);
  }

  /** Eight bytes of a constant's contents. */
  private static long pattern(Pointwise.Constant op) {
    return switch (op.type()) {
      case F32 -> repeated(Float.floatToRawIntBits((float) op.value()), 32);
      case BF16 -> repeated(bfloat16((float) op.value()), 16);
      case F16 -> repeated(Float.floatToFloat16((float) op.value()) & 0xFFFF, 16);
      case U8 -> repeated((int) Math.clamp(op.value(), 0, 255), 8);
      case I64 -> (long) op.value();
      case F64 -> throw op.refusal(FloatType.unsupported(op.type()));
    };
  }

  private static long repeated(int value, int bits) {
    long pattern = Integer.toUnsignedLong(value);
    for (int width = bits; width < 64; width *= 2) {
      pattern |= pattern << width;
    }
    return pattern;
  }

  /** Rounds to bf16, to nearest even. */
  private static int bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value) ? 0x7FFF : (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
  }
}
