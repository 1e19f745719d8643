package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import org.likeness.graph.Image;
import org.likeness.graph.Shape;

/** Separable filters in f32: one task per sample, a ring of filtered rows, every pixel once. */
final class FloatImage {
  private FloatImage() {}

  static Runnable lower(Image image, Kernels.Operands o) {
    return switch (image) {
      case Image.GaussianBlur op -> blur(op, o);
      case Image.Ssim op -> {
        ThreadLocal<FloatSsim> scratch = ThreadLocal.withInitial(() -> new FloatSsim(op, o));
        yield samples(o.shape(0), s -> scratch.get().forward(s));
      }
      case Image.SsimGrad op -> {
        ThreadLocal<FloatSsim> scratch = ThreadLocal.withInitial(() -> new FloatSsim(op.of(), o));
        yield samples(o.shape(0), s -> scratch.get().gradient(s));
      }
      case Image.CentreWeight op -> null;
      case Image.AveragePool2 op -> null;
      case Image.AveragePool2Grad op -> null;
    };
  }

  private static Runnable samples(Shape s, java.util.function.IntConsumer sample) {
    return () -> Blocks.each(s.n(), s.elements() <= Blocks.SIZE, sample);
  }

  /** One sample's rows blurred along w, then along h, with zeros outside. */
  private static Runnable blur(Image.GaussianBlur op, Kernels.Operands o) {
    Shape s = o.shape(0);
    float[] kernel = floats(op.kernel());
    int half = op.taps() / 2;
    int row = s.w() * s.c();
    ThreadLocal<float[][]> scratch =
        ThreadLocal.withInitial(() -> new float[s.h() + 2][row + 2 * half * s.c()]);
    MemorySegment x = o.in(0);
    MemorySegment y = o.out(0);
    return samples(
        s,
        n -> {
          float[][] rows = scratch.get();
          float[] padded = rows[s.h()];
          float[] sum = rows[s.h() + 1];
          java.util.Arrays.fill(padded, 0);
          for (int h = 0; h < s.h(); h++) {
            long from = ((long) n * s.h() + h) * row;
            MemorySegment.copy(
                x,
                java.lang.foreign.ValueLayout.JAVA_FLOAT,
                from * Float.BYTES,
                padded,
                half * s.c(),
                row);
            along(kernel, padded, s.c(), rows[h], row);
          }
          for (int h = 0; h < s.h(); h++) {
            java.util.Arrays.fill(sum, 0, row, 0);
            for (int t = Math.max(0, half - h); t < kernel.length && h + t - half < s.h(); t++) {
              add(kernel[t], rows[h + t - half], sum, row);
            }
            Blocks.store(sum, y, ((long) n * s.h() + h) * row, row);
          }
        });
  }

  /** to[i] = sum over t of kernel[t] from[i + t step]. */
  static void along(float[] kernel, float[] from, int step, float[] to, int count) {
    float first = kernel[0];
    for (int i = 0; i < count; i++) {
      to[i] = first * from[i];
    }
    for (int t = 1; t < kernel.length; t++) {
      addShifted(kernel[t], from, t * step, to, count);
    }
  }

  static void add(float k, float[] from, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] += k * from[i];
    }
  }

  private static void addShifted(float k, float[] from, int shift, float[] to, int count) {
    for (int i = 0; i < count; i++) {
      to[i] += k * from[i + shift];
    }
  }

  static float[] floats(double[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }
}
