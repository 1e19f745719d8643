package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.graph.Image;
import org.likeness.graph.Shape;

/** Launches of a Gaussian blur: one kernel for few taps, rows then columns for many. */
record Blur(Image.GaussianBlur op, Shape shape) {
  private static final int THREADS = 256;

  /** As in src/main/cuda/blur.cu: most taps of the single kernel and of each of the two. */
  private static final int FEW = 33;

  private static final int MOST = 1024;

  /**
   * A kernel of src/main/cuda/blur.cu.
   *
   * @param high pixels of a block's tile along h
   * @param wide pixels along w; of the columns' kernel values, whatever their channel
   */
  private enum Kernel {
    BOTH("blur_forward_any", 32, 32),
    ROWS("blur_forward_any_rows", 32, 64),
    COLUMNS("blur_forward_any_columns", 64, 32);

    final String entry;
    final int high;
    final int wide;

    Kernel(String entry, int high, int wide) {
      this.entry = entry;
      this.high = high;
      this.wide = wide;
    }
  }

  static Blur of(Image.GaussianBlur op, Shape shape) {
    if (op.taps() > MOST) {
      throw op.refusal("%d taps are more than the %d of a CUDA kernel".formatted(op.taps(), MOST));
    }
    return new Blur(op, shape);
  }

  long workspaceBytes() {
    return op.taps() <= FEW ? 0 : shape.elements() * Float.BYTES;
  }

  List<Launch> launches(FloatType type, Operands o) {
    if (op.taps() <= FEW) {
      return List.of(launch(Kernel.BOTH, type, o.in(0), o.out(0)));
    }
    return List.of(
        launch(Kernel.ROWS, type, o.in(0), o.workspace()),
        launch(Kernel.COLUMNS, type, o.workspace(), o.out(0)));
  }

  private Launch launch(Kernel kernel, FloatType type, long from, long to) {
    boolean flat = kernel == Kernel.COLUMNS;
    long width = flat ? (long) shape.w() * shape.c() : shape.w();
    int high = Math.ceilDiv(shape.h(), kernel.high);
    int wide = Math.toIntExact(Math.ceilDiv(width, kernel.wide));
    long blocks = (long) shape.n() * high * wide * (flat ? 1 : shape.c());
    return new Launch(
        new Entry("blur", kernel.entry),
        ImageLowering.grid(op, blocks, THREADS),
        0,
        List.of(new Pointer(from), new Pointer(to), struct(high, wide, type)));
  }

  /** BlurShape of src/main/cuda/blur.cu. */
  private Struct struct(int high, int wide, FloatType type) {
    float falloff = (float) (1 / (2 * op.sigma() * op.sigma()));
    float scale = (float) op.kernel()[op.taps() / 2]; // the middle one is e^0
    return new Struct(
        MemorySegment.ofArray(
            new int[] {
              shape.h(),
              shape.w(),
              shape.c(),
              high,
              wide,
              op.taps(),
              Math.ceilDiv(op.taps(), 8) * 8,
              Float.floatToRawIntBits(falloff),
              Float.floatToRawIntBits(scale),
              type.ordinal()
            }));
  }
}
