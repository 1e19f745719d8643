package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Shape;

/** Elementwise operations in f32 arithmetic on all cores, of f32 or bf16 operands. */
final class FloatPointwise {
  private FloatPointwise() {}

  /** Returns the kernel of an operation, or null where only the oracle has one. */
  static Runnable lower(Pointwise pointwise, Kernels.Operands o) {
    return switch (pointwise) {
      case Pointwise.Activate op -> unary(o, activation(op.activation()));
      case Pointwise.ActivateGrad op -> two(o, activationGrad(op.activation()));
      case Pointwise.Binary op -> binary(op.kind(), o);
      case Pointwise.Affine op -> unary(o, affine((float) op.scale(), (float) op.shift()));
      case Pointwise.Unary op -> op.kind() == Pointwise.Unary.Kind.SQUARE ? unary(o, SQUARE) : null;
      case Pointwise.Clip op -> unary(o, clip((float) op.low(), (float) op.high()));
      case Pointwise.Constant op -> o.bf16() ? null : constant((float) op.value(), o);
      case Pointwise.ClipGrad op -> null;
      case Pointwise.Power op -> null;
      case Pointwise.PowerGrad op -> null;
      case Pointwise.Bce op -> null;
      case Pointwise.BceGrad op -> null;
      case Pointwise.Cast op ->
          o.node().inputs().getFirst().dtype() == DType.U8 ? widened(o) : null;
      case Pointwise.StopGradient op -> null;
    };
  }

  /** Bytes as they are, in f32. */
  private static Runnable widened(Kernels.Operands o) {
    MemorySegment x = o.in(0);
    MemorySegment y = o.out(0);
    int blocks = Math.toIntExact((x.byteSize() + Blocks.SIZE - 1) / Blocks.SIZE);
    return () ->
        Blocks.each(
            blocks,
            blocks == 1,
            block -> {
              long from = (long) block * Blocks.SIZE;
              int count = (int) Math.min(Blocks.SIZE, x.byteSize() - from);
              byte[] bytes = BYTES.get();
              float[] values = FLOATS.get();
              MemorySegment.copy(x, ValueLayout.JAVA_BYTE, from, bytes, 0, count);
              for (int i = 0; i < count; i++) {
                values[i] = bytes[i] & 0xff;
              }
              Blocks.store(values, y, from, count);
            });
  }

  private static final ThreadLocal<byte[]> BYTES =
      ThreadLocal.withInitial(() -> new byte[Blocks.SIZE]);
  private static final ThreadLocal<float[]> FLOATS =
      ThreadLocal.withInitial(() -> new float[Blocks.SIZE]);

  /** Lifts every normal positive number above 1. */
  private static final float HUGE = 1e38f;

  private static final Blocks.Kernel SQUARE =
      (a, count) -> {
        float[] x = a[0];
        for (int i = 0; i < count; i++) {
          x[i] = x[i] * x[i];
        }
      };

  private static Blocks.Kernel affine(float scale, float shift) {
    return (a, count) -> {
      float[] x = a[0];
      for (int i = 0; i < count; i++) {
        x[i] = scale * x[i] + shift;
      }
    };
  }

  private static Blocks.Kernel clip(float low, float high) {
    return (a, count) -> {
      float[] x = a[0];
      for (int i = 0; i < count; i++) {
        x[i] = Math.max(low, Math.min(high, x[i]));
      }
    };
  }

  private static Blocks.Kernel activation(Activation activation) {
    float slope = (float) activation.slope();
    return switch (activation.kind()) {
      case IDENTITY -> (a, count) -> {};
      case LEAKY_RELU ->
          (a, count) -> {
            float[] x = a[0];
            for (int i = 0; i < count; i++) {
              x[i] = Math.max(0, x[i]) + slope * Math.min(0, x[i]);
            }
          };
      case X_COS_X ->
          (a, count) -> {
            float[] x = a[0];
            for (int i = 0; i < count; i++) {
              x[i] = x[i] * (float) Math.cos(x[i]);
            }
          };
      case SIGMOID ->
          (a, count) -> {
            float[] x = a[0];
            for (int i = 0; i < count; i++) {
              x[i] = (float) (1 / (1 + Math.exp(-x[i])));
            }
          };
    };
  }

  /** Operands saved, dy; the result replaces saved. */
  private static Blocks.Kernel activationGrad(Activation activation) {
    float slope = (float) activation.slope();
    return switch (activation.kind()) {
      case IDENTITY -> (a, count) -> System.arraycopy(a[1], 0, a[0], 0, count);
      case LEAKY_RELU ->
          (a, count) -> {
            float[] x = a[0];
            float[] dy = a[1];
            // 1 where x > 0, else the slope: the compiler vectorises min and max, not a choice
            for (int i = 0; i < count; i++) {
              x[i] = dy[i] * Math.min(1, Math.max(slope, x[i] * HUGE));
            }
          };
      case X_COS_X ->
          (a, count) -> {
            float[] x = a[0];
            float[] dy = a[1];
            for (int i = 0; i < count; i++) {
              x[i] = (float) (dy[i] * (Math.cos(x[i]) - x[i] * Math.sin(x[i])));
            }
          };
      case SIGMOID ->
          (a, count) -> {
            float[] x = a[0];
            float[] dy = a[1];
            for (int i = 0; i < count; i++) {
              x[i] = dy[i] * x[i] * (1 - x[i]);
            }
          };
    };
  }

  private static Blocks.Kernel arithmetic(Pointwise.Binary.Kind kind) {
    return switch (kind) {
      case ADD ->
          (a, count) -> {
            float[] x = a[0];
            float[] y = a[1];
            for (int i = 0; i < count; i++) {
              x[i] = x[i] + y[i];
            }
          };
      case SUB ->
          (a, count) -> {
            float[] x = a[0];
            float[] y = a[1];
            for (int i = 0; i < count; i++) {
              x[i] = x[i] - y[i];
            }
          };
      case MUL ->
          (a, count) -> {
            float[] x = a[0];
            float[] y = a[1];
            for (int i = 0; i < count; i++) {
              x[i] = x[i] * y[i];
            }
          };
      case DIV ->
          (a, count) -> {
            float[] x = a[0];
            float[] y = a[1];
            for (int i = 0; i < count; i++) {
              x[i] = x[i] / y[i];
            }
          };
    };
  }

  private static Runnable binary(Pointwise.Binary.Kind kind, Kernels.Operands o) {
    Shape a = o.shape(0);
    Shape b = o.shape(1);
    if (a.equals(b)) { // both in the layout of the result
      return two(o, arithmetic(kind));
    }
    boolean mask =
        !o.bf16() && b.c() == 1 && b.with(b.rank() - 1, a.c()).equals(a) && a.c() <= Blocks.SIZE;
    return mask ? repeated(arithmetic(kind), o, a.c()) : null;
  }

  /** A second operand with one channel, repeated along the channels of the first. */
  private static Runnable repeated(Blocks.Kernel kernel, Kernels.Operands o, int channels) {
    long pixels = o.shape(1).elements();
    int block = Blocks.SIZE / channels;
    int blocks = Math.toIntExact((pixels + block - 1) / block);
    MemorySegment a = o.in(0);
    MemorySegment b = o.in(1);
    MemorySegment y = o.out(0);
    ThreadLocal<float[][]> arrays = ThreadLocal.withInitial(() -> new float[3][Blocks.SIZE]);
    return () ->
        Blocks.each(
            blocks,
            blocks <= 16,
            index -> {
              float[][] array = arrays.get();
              long from = (long) index * block;
              int count = (int) Math.min(block, pixels - from);
              Blocks.load(a, from * channels, array[0], count * channels);
              Blocks.load(b, from, array[2], count);
              repeat(array[2], array[1], count, channels);
              kernel.run(array, count * channels);
              Blocks.store(array[0], y, from * channels, count * channels);
            });
  }

  private static void repeat(float[] from, float[] to, int count, int channels) {
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < channels; c++) {
        to[i * channels + c] = from[i];
      }
    }
  }

  private static Runnable constant(float value, Kernels.Operands o) {
    MemorySegment y = o.out(0);
    float[] block = new float[(int) Math.min(Blocks.SIZE, y.byteSize() / Float.BYTES)];
    Arrays.fill(block, value);
    long elements = y.byteSize() / Float.BYTES;
    return () -> {
      for (long at = 0; at < elements; at += block.length) {
        Blocks.store(block, y, at, (int) Math.min(block.length, elements - at));
      }
    };
  }

  /** Returns what activates a value where it lies. */
  static Runnable inPlace(Activation activation, Operand operand) {
    Floats[] operands = {Floats.of(operand)};
    Blocks.Kernel kernel = activation(activation);
    return () -> Blocks.map(operands, 1, 0b1, operand.elements(), kernel);
  }

  /** One operand in, one out: array 0 is read from the input and written to the output. */
  private static Runnable unary(Kernels.Operands o, Blocks.Kernel kernel) {
    Floats[] operands = {o.floats(0), Floats.of(o.outputs().getFirst())};
    long elements = o.inputs().getFirst().elements();
    Blocks.Kernel moved =
        (a, count) -> {
          kernel.run(a, count);
          float[] swap = a[0];
          a[0] = a[1];
          a[1] = swap;
        };
    return () -> Blocks.map(operands, 1, 0b10, elements, moved);
  }

  private static Runnable two(Kernels.Operands o, Blocks.Kernel kernel) {
    Floats[] operands = {o.floats(0), o.floats(1), Floats.of(o.outputs().getFirst())};
    long elements = o.inputs().getFirst().elements();
    Blocks.Kernel moved =
        (a, count) -> {
          kernel.run(a, count);
          float[] swap = a[0];
          a[0] = a[2];
          a[2] = swap;
        };
    return () -> Blocks.map(operands, 2, 0b100, elements, moved);
  }
}
