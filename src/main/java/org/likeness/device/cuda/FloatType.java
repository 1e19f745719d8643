package org.likeness.device.cuda;

import java.util.Locale;
import java.util.stream.IntStream;
import org.likeness.graph.DType;
import org.likeness.graph.Op;

/** The element types that kernels compute on, always in f32 arithmetic. */
enum FloatType {
  F32,
  BF16,
  F16;

  /** Returns the type of a node's operands, all of which must have the same one, or refuses. */
  static FloatType of(Operands o) {
    DType type = o.outputType(0);
    int other =
        IntStream.range(0, o.inputs().size()).filter(i -> o.type(i) != type).findFirst().orElse(-1);
    if (other >= 0) {
      throw o.node()
          .op()
          .refusal(
              ("input %d is %s and the output %s: cast it first")
                  .formatted(other, text(o.type(other)), text(type)));
    }
    return of(o.node().op(), type);
  }

  /** Returns the type that a tensor of an operation is stored in, or refuses. */
  static FloatType of(Op op, DType type) {
    return switch (type) {
      case F32 -> F32;
      case BF16 -> BF16;
      case F16 -> F16;
      case F64, I64, U8 -> throw op.refusal(unsupported(type));
    };
  }

  /** Returns how many elements a thread moves at once. */
  int lanes() {
    return this == F32 ? 4 : 8;
  }

  /** Returns the name of a kernel for this type. */
  String entry(String name) {
    return name + "_" + name().toLowerCase(Locale.ROOT);
  }

  /** Says that CUDA devices do not compute in a type. */
  static String unsupported(DType type) {
    return "CUDA devices compute in f32, bf16 and f16, not in " + text(type);
  }

  /** Returns a type's name as graphs print it. */
  static String text(DType type) {
    return type.name().toLowerCase(Locale.ROOT);
  }
}
