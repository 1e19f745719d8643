package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.likeness.device.cuda.ConvolutionGeometry.Direction;
import org.likeness.graph.Activation;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;

/**
 * The structure {@code ConvParameters} of {@code conv.cuh} as bytes.
 *
 * @param channelStep what the kernel counts the source's channels up to a multiple of
 */
record ConvolutionParameters(
    ConvolutionGeometry geometry, int channelStep, Buffers buffers, Finish finish, Split split) {
  /** Size of the structure. */
  static final int BYTES = 304;

  /**
   * The addresses; 0 for what is absent.
   *
   * @param left the gathered operand, or dy for a weight's gradient
   * @param right the weight, or x for a weight's gradient
   * @param partial the splits' sums
   */
  record Buffers(
      long left,
      long right,
      long result,
      long bias,
      long residual,
      long partial,
      long biasGradient) {}

  /**
   * What happens to a sum before it is stored.
   *
   * @param depthToSpace block of the store, 1 for none
   */
  record Finish(double scale, Activation activation, int depthToSpace, BiasSide biasSide) {}

  /** Which operand's sum over the depth is the bias gradient. */
  enum BiasSide {
    NONE,
    LEFT,
    RIGHT
  }

  /**
   * How the depth is divided.
   *
   * @param slice depth of a split
   * @param sums elements that one split sums: the result's and the bias gradient's
   */
  record Split(int splits, int slice, long sums) {
    /** Returns the elements from one split's sums to the next one's. */
    long stride() {
      return Math.ceilDiv(sums, 4) * 4;
    }
  }

  /** Returns the structure's bytes. */
  MemorySegment bytes() {
    Window window = geometry.window();
    boolean dgrad = geometry.direction() == Direction.DGRAD;
    List<ConvolutionPhase> vertical = geometry.phases(0);
    List<ConvolutionPhase> horizontal = geometry.phases(1);
    Shape source = geometry.source();
    Shape pixels = geometry.pixels();
    byte[] array = new byte[BYTES];
    ByteBuffer out = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(buffers.left).putLong(buffers.right).putLong(buffers.result);
    out.putLong(buffers.bias).putLong(buffers.residual);
    out.putLong(buffers.partial).putLong(buffers.biasGradient);
    out.putLong(geometry.result().elements()).putLong(split.sums).putLong(split.stride());
    out.putInt(source.n()).putInt(source.h()).putInt(source.w()).putInt(source.c());
    out.putInt(pixels.h()).putInt(pixels.w()).putInt(geometry.columns()).putInt(geometry.w().n());
    out.putInt(geometry.w().h()).putInt(geometry.w().w());
    out.putInt(dgrad ? 1 : window.stride()).putInt(dgrad ? window.stride() : 1);
    out.putInt(dgrad ? ConvolutionPhase.tapStep(window) : window.dilation());
    out.putInt(dgrad ? ConvolutionPhase.weightStep(window) : 1);
    out.putInt(vertical.size());
    put(out, vertical.getFirst());
    put(out, vertical.getLast());
    put(out, horizontal.getFirst());
    put(out, horizontal.getLast());
    putDivisor(out, Math.ceilDiv(source.c(), channelStep) * channelStep);
    putDivisor(out, pixels.h() * pixels.w());
    putDivisor(out, pixels.w());
    out.putInt(split.splits).putInt(split.slice);
    out.putFloat((float) finish.scale).putFloat((float) finish.activation.slope());
    out.putInt(finish.activation.kind().ordinal()).putInt(finish.depthToSpace);
    out.putInt(finish.biasSide.ordinal());
    return MemorySegment.ofArray(array);
  }

  private static void put(ByteBuffer out, ConvolutionPhase phase) {
    out.putInt(phase.extent()).putInt(phase.first()).putInt(phase.origin());
    out.putInt(phase.weight()).putInt(phase.taps()).putInt(phase.inverse());
  }

  /** Puts the numbers by which {@code (mulhi(n, magic) + n) >> shift} is n / divisor. */
  private static void putDivisor(ByteBuffer out, int divisor) {
    out.putInt(divisor).putInt(magic(divisor)).putInt(shift(divisor));
  }

  static int shift(int divisor) {
    return Integer.SIZE - Integer.numberOfLeadingZeros(divisor - 1);
  }

  static int magic(int divisor) {
    long excess = (1L << shift(divisor)) - divisor;
    return (int) (Long.divideUnsigned(excess << Integer.SIZE, divisor) + 1);
  }
}
