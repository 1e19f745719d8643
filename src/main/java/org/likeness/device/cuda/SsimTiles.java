package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Image;
import org.likeness.graph.Shape;

/**
 * How structural similarity or its gradient is cut into tiles, as src/main/cuda/ssim.cuh says.
 *
 * @param skip taps of the full filter before the first kept one
 * @param taps the kept ones
 * @param kernel taps that the kernel is made for, at least as many
 * @param high tiles along h
 * @param wide tiles along w
 */
record SsimTiles(
    Image.Ssim op, Shape shape, int skip, double[] taps, int kernel, int high, int wide) {
  private static final int THREADS = 256;
  private static final int FINISH_THREADS = 128;

  /** Windows of a side of a tile. */
  private static final int SIDE = 44;

  private static final int FEW = 12;
  private static final int MOST = 20;

  /**
   * Sigmas from the centre to the farthest tap: 9.5 pixels where sigma is 1.5; 1e-9 lies beyond.
   */
  private static final double REACH = 9.5 / 1.5;

  /** Tiles of windows. */
  static SsimTiles forward(Image.Ssim op, Shape shape) {
    return of(op, shape, shape.h() - op.taps() + 1, shape.w() - op.taps() + 1, 0);
  }

  /** Tiles of pixels: those that no window outside a tile of windows touches. */
  static SsimTiles backward(Image.Ssim op, Shape shape) {
    return of(op, shape, shape.h(), shape.w(), 1);
  }

  private static SsimTiles of(Image.Ssim op, Shape shape, int h, int w, int isBackward) {
    double[] full = op.kernel();
    double centre = (full.length - 1) / 2.0;
    int skip = Math.max(0, (int) Math.ceil(centre - REACH * op.sigma()));
    double[] taps = Arrays.copyOfRange(full, skip, full.length - skip);
    if (taps.length > MOST) {
      throw op.refusal(
          "sigma %s needs %d taps, the CUDA kernel has %d: use a sigma of 1.5"
              .formatted(op.sigma(), taps.length, MOST));
    }
    int kernel = taps.length <= FEW ? FEW : MOST;
    int side = SIDE - isBackward * (kernel - 1);
    return new SsimTiles(
        op, shape, skip, taps, kernel, Math.ceilDiv(h, side), Math.ceilDiv(w, side));
  }

  private long blocks() {
    return (long) shape.n() * shape.c() * high * wide;
  }

  /** Two f64 sums for each tile. */
  long workspaceBytes() {
    return blocks() * 2 * Double.BYTES;
  }

  List<Launch> forward(FloatType type, Operands o) {
    int planes = Math.multiplyExact(shape.n(), shape.c());
    Launch sums =
        new Launch(
            new Entry("ssim_forward", "ssim_forward_any_k" + kernel),
            ImageLowering.grid(op, blocks(), THREADS),
            0,
            List.of(
                new Pointer(o.in(0)),
                new Pointer(o.in(1)),
                new Pointer(o.workspace()),
                struct(type)));
    Launch finish =
        new Launch(
            new Entry("ssim_forward", "ssim_forward_finish"),
            Grid.over(planes * 32L, FINISH_THREADS),
            0,
            List.of(
                new Pointer(o.workspace()),
                new Pointer(o.out(0)),
                new Pointer(o.out(1)),
                new I32(planes),
                new I32(Math.multiplyExact(high, wide)),
                new Pointer(Double.doubleToRawLongBits(1 / area())),
                new I32(type.ordinal())));
    return List.of(sums, finish);
  }

  List<Launch> backward(Operands o) {
    FloatType type = FloatType.of(o);
    List<Argument> arguments =
        List.of(
            new Pointer(o.in(0)),
            new Pointer(o.in(1)),
            new Pointer(o.in(2)),
            new Pointer(o.in(3)),
            new Pointer(o.out(0)),
            struct(type));
    return List.of(
        new Launch(
            new Entry("ssim_backward", "ssim_backward_any_k" + kernel),
            ImageLowering.grid(op, blocks(), THREADS),
            0,
            arguments));
  }

  private double area() {
    return (shape.h() - op.taps() + 1.0) * (shape.w() - op.taps() + 1.0);
  }

  /** SsimShape of src/main/cuda/ssim.cuh. */
  private Struct struct(FloatType type) {
    int[] fields = new int[12 + MOST];
    int[] sizes = {
      shape.h(),
      shape.w(),
      shape.c(),
      shape.h() - op.taps() + 1,
      shape.w() - op.taps() + 1,
      high,
      wide,
      skip
    };
    System.arraycopy(sizes, 0, fields, 0, sizes.length);
    fields[8] = bits(op.c1());
    fields[9] = bits(op.c2());
    fields[10] = bits(1 / area());
    fields[11] = type.ordinal();
    for (int t = 0; t < taps.length; t++) {
      fields[12 + t] = bits(taps[t]);
    }
    return new Struct(MemorySegment.ofArray(fields));
  }

  private static int bits(double value) {
    return Float.floatToRawIntBits((float) value);
  }
}
