package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.likeness.testing.SoftCudaCalls.pointer;
import static org.likeness.testing.SoftCudnnCalls.BACKWARD_DATA;
import static org.likeness.testing.SoftCudnnCalls.BACKWARD_FILTER;
import static org.likeness.testing.SoftCudnnCalls.BF16;
import static org.likeness.testing.SoftCudnnCalls.F16;
import static org.likeness.testing.SoftCudnnCalls.F32;
import static org.likeness.testing.SoftCudnnCalls.FORWARD;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What softcudnn computes, against sums over all of the seven indices. */
@OnSoftCudnn
final class SoftCudnnConvolutionTest {
  private static final int NON_BLOCKING = 1;

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;

  SoftCudnnConvolutionTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  /** x (n,h,w,c), weight (k,r,s,c), y (n,p,q,k). */
  private record Case(
      int n,
      int h,
      int w,
      int c,
      int k,
      int r,
      int s,
      int before,
      int after,
      int stride,
      int dilation) {
    int p() {
      return (h + before + after - (r - 1) * dilation - 1) / stride + 1;
    }

    int q() {
      return (w + before + after - (s - 1) * dilation - 1) / stride + 1;
    }

    int xSize() {
      return n * h * w * c;
    }

    int wSize() {
      return k * r * s * c;
    }

    int ySize() {
      return n * p() * q() * k;
    }

    /** The sums of a direction, rounded once: products and sums of these few terms fit f64. */
    float[] expected(int direction, float[] x, float[] w, float[] y) {
      double[] sums =
          new double
              [direction == FORWARD ? ySize() : direction == BACKWARD_DATA ? xSize() : wSize()];
      for (int out = 0; out < ySize(); out++) {
        int column = out / k % q();
        int row = out / k / q() % p();
        for (int tap = 0; tap < r * s * c; tap++) {
          int i = row * stride - before + tap / c / s * dilation;
          int j = column * stride - before + tap / c % s * dilation;
          if (i < 0 || i >= h || j < 0 || j >= this.w) {
            continue;
          }
          int in = ((out / k / q() / p() * h + i) * this.w + j) * c + tap % c;
          int weight = out % k * r * s * c + tap;
          switch (direction) {
            case FORWARD -> sums[out] += (double) x[in] * w[weight];
            case BACKWARD_DATA -> sums[in] += (double) w[weight] * y[out];
            default -> sums[weight] += (double) x[in] * y[out];
          }
        }
      }
      float[] rounded = new float[sums.length];
      for (int i = 0; i < sums.length; i++) {
        rounded[i] = (float) sums[i];
      }
      return rounded;
    }
  }

  private static final Case[] CASES = {
    new Case(2, 8, 8, 3, 5, 3, 3, 1, 1, 1, 1),
    new Case(1, 7, 9, 4, 2, 5, 5, 1, 2, 2, 1), // asymmetric, as TensorFlow pads
    new Case(3, 5, 6, 1, 1, 1, 1, 0, 0, 1, 1),
    new Case(1, 9, 9, 2, 3, 3, 2, 2, 2, 1, 2),
  };

  private static float[] values(int count, long seed) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** A convolution's graph with unique ids 1 for x, 2 for w, 3 for y. */
  private static MemorySegment graph(SoftCudnnCalls calls, int direction, Case c) {
    MemorySegment x = calls.finished(calls.tensor(F32, 1, c.n, c.c, c.h, c.w));
    MemorySegment w = calls.finished(calls.tensor(F32, 2, c.k, c.c, c.r, c.s));
    MemorySegment y = calls.finished(calls.tensor(F32, 3, c.n, c.k, c.p(), c.q()));
    MemorySegment convolution =
        calls.finished(calls.convolution(c.before, c.after, c.stride, c.dilation));
    return calls.graph(calls.finished(calls.operation(direction, convolution, x, w, y)));
  }

  @Test
  void itComputesAllThreeDirections() {
    for (Case c : CASES) {
      for (int direction : new int[] {FORWARD, BACKWARD_DATA, BACKWARD_FILTER}) {
        try (SoftCudnnCalls calls = SoftCudnnCalls.on(softCuda, softCudnn)) {
          float[][] values = {values(c.xSize(), 1), values(c.wSize(), 2), values(c.ySize(), 3)};
          int written = direction == FORWARD ? 2 : direction == BACKWARD_DATA ? 0 : 1;
          long[] addresses = new long[3];
          for (int i = 0; i < 3; i++) {
            addresses[i] =
                i == written ? calls.cuda.memory(4L * values[i].length) : calls.upload(values[i]);
          }
          MemorySegment plan = calls.plan(calls.config(graph(calls, direction, c), 0));
          assertEquals(0, calls.workspace(plan));
          calls.execute(plan, calls.pack(0, addresses));
          assertArrayEquals(
              c.expected(direction, values[0], values[1], values[2]),
              calls.download(addresses[written], values[written].length),
              () -> c + ", direction " + direction);
        }
      }
    }
  }

  /** Device memory that holds these as 16-bit elements. */
  private static long upload16(SoftCudnnCalls calls, short... values) {
    long address = calls.cuda.memory(2L * values.length);
    MemorySegment host = calls.cuda.arena.allocateFrom(ValueLayout.JAVA_SHORT, values);
    calls.cuda.ok("cuMemcpyHtoD_v2", address, host, 2L * values.length);
    return address;
  }

  /** y = 0.5 * w x + 2 * y of one pixel and channel, in 16 bits. */
  private short scaled(int type, short x, short w, short y) {
    try (SoftCudnnCalls calls = SoftCudnnCalls.on(softCuda, softCudnn)) {
      MemorySegment[] tensors = new MemorySegment[3];
      for (int i = 0; i < 3; i++) {
        tensors[i] = calls.finished(calls.tensor(type, i + 1, 1, 1, 1, 1));
      }
      MemorySegment operation =
          calls.operation(
              FORWARD,
              calls.finished(calls.convolution(0, 0, 1, 1)),
              tensors[0],
              tensors[1],
              tensors[2]);
      calls.floats(operation, 700, 0.5f);
      calls.floats(operation, 701, 2);
      long[] addresses = {
        upload16(calls, x), upload16(calls, w), upload16(calls, y),
      };
      MemorySegment plan = calls.plan(calls.config(calls.graph(calls.finished(operation)), 0));
      calls.execute(plan, calls.pack(0, addresses));
      MemorySegment host = calls.cuda.arena.allocate(2);
      calls.cuda.ok("cuMemcpyDtoH_v2", host, addresses[2], 2L);
      return host.get(ValueLayout.JAVA_SHORT, 0);
    }
  }

  @Test
  void alphaAndBetaScaleAndSixteenBitsAreRoundedOnce() {
    for (float[] each : new float[][] {{3, 5, 7}, {1.5f, -0.25f, 0.125f}, {255, 129, 1}}) {
      float exact = 0.5f * each[0] * each[1] + 2 * each[2];
      short half = scaled(F16, half(each[0]), half(each[1]), half(each[2]));
      assertEquals(half(exact), half, () -> "f16 of " + exact);
      short bfloat = scaled(BF16, bfloat(each[0]), bfloat(each[1]), bfloat(each[2]));
      assertEquals(bfloat(exact), bfloat, () -> "bf16 of " + exact);
    }
    assertEquals(half(65536), scaled(F16, half(32768), half(4), half(0)), "overflow is infinite");
    assertEquals(1, scaled(F16, (short) 2, half(1), half(0)), "subnormals are kept");
  }

  private static short half(float value) {
    return Float.floatToFloat16(value);
  }

  /** Ties to even. */
  private static short bfloat(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) (bits + 0x7fff + (bits >> 16 & 1) >> 16);
  }

  @Test
  void aCapturedPlanRunsAtEachLaunchAndNotBefore() {
    Case c = CASES[0];
    try (SoftCudnnCalls calls = SoftCudnnCalls.on(softCuda, softCudnn)) {
      SoftCudaCalls cuda = calls.cuda;
      MemorySegment stream = cuda.stream(NON_BLOCKING);
      calls.ok("cudnnSetStream", calls.handle, stream);
      long x = calls.upload(values(c.xSize(), 1));
      long w = calls.upload(values(c.wSize(), 2));
      long y = cuda.memory(4L * c.ySize());
      MemorySegment plan = calls.plan(calls.config(graph(calls, FORWARD, c), 0));
      cuda.ok("cuStreamBeginCapture_v2", stream, 0);
      calls.execute(plan, calls.pack(0, x, w, y));
      MemorySegment graph = pointer(cuda.out2("cuStreamEndCapture", stream));
      assertEquals(0, softCuda.count("kernels"));
      MemorySegment run = pointer(cuda.out("cuGraphInstantiateWithFlags", graph, 0L));
      for (long seed = 4; seed < 6; seed++) {
        float[] next = values(c.xSize(), seed);
        MemorySegment host = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, next);
        cuda.ok("cuMemcpyHtoD_v2", x, host, 4L * next.length);
        cuda.ok("cuGraphLaunch", run, stream);
        cuda.ok("cuStreamSynchronize", stream);
        assertArrayEquals(
            c.expected(FORWARD, next, values(c.wSize(), 2), null), calls.download(y, c.ySize()));
      }
      assertEquals(2, softCuda.count("kernels"));
    }
  }

  @Test
  void itsReadsAndWritesAreChecked() {
    Case c = CASES[0];
    try (SoftCudnnCalls calls = SoftCudnnCalls.on(softCuda, softCudnn)) {
      long w = calls.upload(values(c.wSize(), 2));
      MemorySegment plan = calls.plan(calls.config(graph(calls, FORWARD, c), 0));
      long x = calls.cuda.memory(4L * c.xSize());
      long y = calls.cuda.memory(4L * c.ySize());
      calls.execute(plan, calls.pack(0, x, w, y));
      calls.cuda.refused(719, "cuCtxSynchronize");
      assertEquals(
          "cudnn convolution forward (direct): uninitialised read: byte 0 of those at 0x"
              + Long.toHexString(x)
              + " (tensor 1 (2,3,8,8)) was never written",
          softCuda.lastFault());
    }
    try (SoftCudnnCalls calls = SoftCudnnCalls.on(softCuda, softCudnn)) {
      MemorySegment plan = calls.plan(calls.config(graph(calls, FORWARD, c), 0));
      long x = calls.upload(values(c.xSize(), 1));
      long w = calls.upload(values(c.wSize(), 2));
      long y = calls.cuda.memory(4L * c.ySize() - 4);
      calls.execute(plan, calls.pack(0, x, w, y));
      calls.cuda.refused(700, "cuCtxSynchronize");
      assertTrue(
          softCuda.lastFault().endsWith("(tensor 3 (2,5,8,8)), outside of every allocation"),
          softCuda.lastFault());
    }
  }
}
