package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.IntStream;

/**
 * A small program for the GPU with its inputs: what softcuda's own tests hold to plain C++, run
 * here through the driver.
 *
 * @param capability that it needs
 * @param bounds by output, in shares of the largest magnitude that an output of this name has; what
 *     is not named is to agree bit for bit
 * @param run launches it and returns its outputs, in f64, which holds any f32 or 32-bit integer
 */
record PtxProgram(
    String name,
    int capability,
    String file,
    Map<String, Double> bounds,
    Function<PtxBench, Map<String, double[]>> run) {

  /** Sums on tensor cores: truncated by hardware, rounded once here (spec softcuda.md 5). */
  private static final double PRODUCT = 0x1p-20;

  private static PtxProgram exact(
      String name, int capability, String file, Function<PtxBench, double[]> run) {
    return new PtxProgram(name, capability, file, Map.of(), b -> Map.of("out", run.apply(b)));
  }

  /** Returns all of them. */
  static List<PtxProgram> all() {
    return List.of(
        exact("gemm_f32", 75, "basics.ptx", PtxProgram::gemm),
        exact("sum_f32", 75, "basics.ptx", PtxProgram::sum),
        exact("collatz_u32", 75, "basics.ptx", PtxProgram::collatz),
        exact("local_i32", 75, "basics.ptx", PtxProgram::local),
        exact("wide_u64", 75, "basics.ptx", PtxProgram::wide),
        exact("transpose_f32", 75, "basics.ptx", PtxProgram::transpose),
        exact("votes_u32", 75, "basics.ptx", PtxProgram::votes),
        exact("ticket_u32", 75, "basics.ptx", PtxProgram::ticket),
        exact("partial_copy", 80, "tensor.ptx", PtxProgram::partialCopies),
        new PtxProgram("product_bf16", 80, "tensor.ptx", Map.of("c", PRODUCT), PtxProgram::bf16),
        new PtxProgram(
            "product_f16",
            80,
            "tensor.ptx",
            Map.of("c", PRODUCT, "c8", PRODUCT, "c16", 0x1p-10),
            PtxProgram::f16),
        new PtxProgram(
            "product_tf32",
            80,
            "tensor.ptx",
            Map.of("c", PRODUCT, "c4", PRODUCT),
            PtxProgram::tf32),
        new PtxProgram("math_f32", 75, "math.ptx", mathBounds(), PtxProgram::mathF32),
        new PtxProgram(
            "math_f64",
            75,
            "math.ptx",
            Map.of("pow", 1e-14, "twice", 1e-14, "exp", 1e-14, "rsqrt", 1e-14),
            PtxProgram::mathF64));
  }

  /**
   * Twice what softcuda's tests allow beside C's functions, as two results of the kind may lie on
   * either side.
   */
  private static Map<String, Double> mathBounds() {
    return Map.of(
        "exp",
        6e-7,
        "cos",
        6e-7,
        "tanh",
        6e-7,
        "pow",
        2e-6,
        "log",
        6e-7,
        "quotient",
        6e-6,
        "fast_exp",
        4e-5,
        "rsqrt",
        6e-7);
  }

  @Override
  public String toString() {
    return name;
  }

  private static int noise(int k) {
    int n = (k ^ 61) ^ (k >>> 16);
    n *= 9;
    n ^= n >>> 4;
    n *= 0x27d4eb2d;
    return n ^ n >>> 15;
  }

  /** Returns n values between -0.5 and 0.5. */
  private static float[] uniform(int n, int seed, float scale) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = ((noise(i + seed) >>> 8) * 0x1p-24f - 0.5f) * scale;
    }
    return values;
  }

  private static double[] widened(float[] values) {
    return IntStream.range(0, values.length).mapToDouble(i -> values[i]).toArray();
  }

  private static double[] gemm(PtxBench bench) {
    int m = 70;
    int n = 50;
    int k = 45;
    PtxBench.Place c = bench.room(4L * m * n);
    MemorySegment p = bench.structure(48);
    p.set(ValueLayout.JAVA_LONG, 0, bench.put(uniform(m * k, 0, 1)).address());
    p.set(ValueLayout.JAVA_LONG, 8, bench.put(uniform(k * n, 777777, 1)).address());
    p.set(ValueLayout.JAVA_LONG, 16, c.address());
    int[] sizes = {m, n, k};
    float[] scale = {1, 2, 0.5f};
    for (int i = 0; i < 3; i++) {
      p.set(ValueLayout.JAVA_INT, 24 + 4L * i, sizes[i]);
      p.set(ValueLayout.JAVA_FLOAT, 36 + 4L * i, scale[i]);
    }
    bench.launch("gemm_f32", new Dim3(1, 2, 1), Dim3.of(256), 0, p);
    return widened(bench.floats(c));
  }

  private static double[] sum(PtxBench bench) {
    int n = 5001;
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = Integer.remainderUnsigned(noise(i), 1000);
    }
    PtxBench.Place out = bench.room(8);
    bench.launch("sum_f32", Dim3.of(1), Dim3.of(256), 0, bench.put(x), out, (long) n);
    return bench.doubles(out);
  }

  private static double[] collatz(PtxBench bench) {
    int[] x =
        IntStream.range(0, 300).map(k -> 1 + Integer.remainderUnsigned(noise(k), 500)).toArray();
    PtxBench.Place out = bench.room(4L * x.length);
    bench.launch("collatz_u32", Dim3.of(3), Dim3.of(128), 0, bench.put(x), out, x.length);
    return Arrays.stream(bench.ints(out)).asDoubleStream().toArray();
  }

  private static double[] local(PtxBench bench) {
    int[] index = IntStream.range(0, 70).map(k -> k * 5 % 13).toArray();
    PtxBench.Place out = bench.room(4L * index.length);
    bench.launch("local_i32", Dim3.of(3), Dim3.of(32), 0, bench.put(index), out, index.length);
    return Arrays.stream(bench.ints(out)).asDoubleStream().toArray();
  }

  private static double[] wide(PtxBench bench) {
    long[] x = new long[200];
    for (int k = 0; k < x.length; k++) {
      long value = ((long) noise(2 * k) << 32) | (noise(2 * k + 1) & 0xffffffffL);
      x[k] = value >>> k % 60;
    }
    PtxBench.Place out = bench.room(8L * x.length);
    bench.launch("wide_u64", Dim3.of(7), Dim3.of(32), 0, bench.put(x), out, x.length);
    return Arrays.stream(bench.longs(out))
        .flatMap(v -> Arrays.stream(new long[] {v >>> 32, v & 0xffffffffL}))
        .asDoubleStream()
        .toArray();
  }

  private static double[] transpose(PtxBench bench) {
    int n = 70;
    PtxBench.Place y = bench.room(4L * n * n);
    float[] x = widths(n * n);
    bench.launch(
        "transpose_f32", new Dim3(3, 3, 1), new Dim3(32, 8, 1), 33 * 32 * 4, bench.put(x), y, n);
    return widened(bench.floats(y));
  }

  private static float[] widths(int n) {
    float[] x = new float[n];
    for (int i = 0; i < n; i++) {
      x[i] = i;
    }
    return x;
  }

  private static double[] votes(PtxBench bench) {
    int[] x = IntStream.range(0, 64).map(k -> k * 7 % 90).toArray();
    PtxBench.Place out = bench.room(256);
    bench.launch("votes_u32", Dim3.of(1), Dim3.of(64), 0, bench.put(x), out);
    return Arrays.stream(bench.ints(out)).asDoubleStream().toArray();
  }

  private static double[] ticket(PtxBench bench) {
    PtxBench.Place out = bench.room(4);
    bench.launch("ticket_u32", Dim3.of(50), Dim3.of(64), 0, bench.room(200), bench.put(0), out);
    return Arrays.stream(bench.ints(out)).asDoubleStream().toArray();
  }

  private static double[] partialCopies(PtxBench bench) {
    PtxBench.Place x = bench.put(uniform(128, 0, 1));
    return IntStream.of(0, 4, 12, 16)
        .mapToObj(
            bytes -> {
              PtxBench.Place y = bench.room(512);
              bench.launch("partial_copy", Dim3.of(1), Dim3.of(32), 0, x, y, bytes);
              return widened(bench.floats(y));
            })
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }

  private static PtxBench.Place halves(PtxBench bench, int n, int seed, boolean bfloat) {
    float[] values = uniform(n, seed, 1);
    short[] bits = new short[n];
    for (int i = 0; i < n; i++) {
      bits[i] =
          bfloat
              ? (short) (Float.floatToRawIntBits(values[i]) >>> 16)
              : Float.floatToFloat16(values[i]);
    }
    return bench.put(bits);
  }

  private static Map<String, double[]> bf16(PtxBench bench) {
    int k = 160;
    PtxBench.Place a = halves(bench, 16 * k, 1, true);
    PtxBench.Place c = bench.room(512);
    bench.launch(
        "product_bf16", Dim3.of(1), Dim3.of(32), 0, a, halves(bench, 8 * k, 5000, true), c, k);
    return Map.of("c", widened(bench.floats(c)));
  }

  private static Map<String, double[]> f16(PtxBench bench) {
    PtxBench.Place a = halves(bench, 256, 9, false);
    PtxBench.Place b = halves(bench, 128, 600, false);
    PtxBench.Place c = bench.room(512);
    PtxBench.Place c8 = bench.room(512);
    PtxBench.Place c16 = bench.room(256);
    bench.launch("product_f16", Dim3.of(1), Dim3.of(32), 0, a, b, c, c8, c16);
    short[] halves = bench.shorts(c16);
    double[] wide =
        IntStream.range(0, halves.length)
            .mapToDouble(i -> Float.float16ToFloat(halves[i]))
            .toArray();
    return Map.of("c", widened(bench.floats(c)), "c8", widened(bench.floats(c8)), "c16", wide);
  }

  private static Map<String, double[]> tf32(PtxBench bench) {
    PtxBench.Place c = bench.room(512);
    PtxBench.Place c4 = bench.room(512);
    PtxBench.Place a = bench.put(uniform(128, 0, 1));
    bench.launch(
        "product_tf32", Dim3.of(1), Dim3.of(32), 0, a, bench.put(uniform(64, 999, 1)), c, c4);
    return Map.of("c", widened(bench.floats(c)), "c4", widened(bench.floats(c4)));
  }

  /** Arguments small enough that no function leaves f32, and some for long reductions of cosine. */
  private static Map<String, double[]> mathF32(PtxBench bench) {
    float[] x = uniform(400, 0, 8);
    PtxBench.Place y = bench.room(4L * 8 * x.length);
    bench.launch("math_f32", Dim3.of(4), Dim3.of(128), 0, bench.put(x), y, x.length);
    String[] names = {"exp", "cos", "tanh", "pow", "log", "quotient", "fast_exp", "rsqrt"};
    return columns(names, widened(bench.floats(y)));
  }

  private static Map<String, double[]> mathF64(PtxBench bench) {
    double[] x = Arrays.stream(widened(uniform(100, 0, 9))).toArray();
    PtxBench.Place y = bench.room(8L * 4 * x.length);
    bench.launch("math_f64", Dim3.of(1), Dim3.of(128), 0, bench.put(x), y, x.length);
    return columns(new String[] {"pow", "twice", "exp", "rsqrt"}, bench.doubles(y));
  }

  private static Map<String, double[]> columns(String[] names, double[] rows) {
    Map<String, double[]> columns = new LinkedHashMap<>();
    for (int c = 0; c < names.length; c++) {
      int column = c;
      columns.put(
          names[c],
          IntStream.range(0, rows.length / names.length)
              .mapToDouble(r -> rows[r * names.length + column])
              .toArray());
    }
    return columns;
  }
}
