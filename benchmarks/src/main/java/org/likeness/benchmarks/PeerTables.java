package org.likeness.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.likeness.device.Device;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.device.cuda.Provider;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Shape;
import org.likeness.graph.Window;
import org.likeness.runtime.Devices;
import org.likeness.runtime.KernelBenchmark;

/**
 * Our kernels on a GPU beside cuBLASLt through our own bindings and beside the JCuda family.
 *
 * @param side of the largest activations in pixels: 256, or less for a driver without a card
 */
record PeerTables(CudaDevice gpu, GpuTimer timer, int side) {
  private static final int BATCH = 16;

  /** Of one row: the time of ours, of others, and ratios of ours to each. */
  private static List<Object> row(String what, DType type, Attempt ours, List<Attempt> others) {
    List<Object> row = new ArrayList<>();
    row.add(what);
    row.add(type.name().toLowerCase(Locale.ROOT));
    row.add(ours.milliseconds());
    others.forEach(other -> row.add(other.milliseconds()));
    others.forEach(other -> row.add(ours.over(other)));
    return row;
  }

  private static void note(Set<String> notes, String side, Attempt attempt) {
    boolean again = notes.stream().anyMatch(known -> known.startsWith(side + " "));
    if (attempt.problem() != null && !again) {
      notes.add(side + " was skipped: " + attempt.problem());
    }
  }

  private Attempt ours(Linear op, DType type, Shape... inputs) {
    return Attempt.of(() -> KernelBenchmark.seconds(gpu, op, List.of(inputs), type));
  }

  /** Products: a square one and a dense layer's three kinds of shape. */
  Table products() {
    int square = side * 8;
    int code = side * side * 8;
    int width = Math.min(side, 256);
    int[][] shapes = {{square, square, square}, {BATCH, width, code}, {BATCH, code, width}};
    List<List<Object>> rows = new ArrayList<>();
    Set<String> notes = new LinkedHashSet<>();
    for (DType type : List.of(DType.F32, DType.BF16)) {
      for (int[] s : shapes) {
        ProductPeers.Sizes sizes = new ProductPeers.Sizes(s[0], s[1], s[2]);
        Linear.Dense dense = new Linear.Dense(1, false);
        Attempt ours = ours(dense, type, Shape.of(s[0], s[2]), Shape.of(s[2], s[1]));
        try (ProductPeers peers = new ProductPeers(timer, sizes, type)) {
          Attempt lt = Attempt.of(peers::cublasLt);
          Attempt jcublas = Attempt.of(peers::jcublas);
          note(notes, "Ours", ours);
          note(notes, "cuBLASLt", lt);
          note(notes, "jcublas", jcublas);
          rows.add(row(sizes.toString(), type, ours, List.of(lt, jcublas)));
        }
      }
    }
    return new Table(
        "Products: ours beside cuBLASLt through FFM and jcublas",
        List.of("m n k", "type", "ours ms", "cuBLASLt ms", "jcublas ms", "/ cuBLASLt", "/ jcublas"),
        rows,
        List.copyOf(notes));
  }

  /** A 3x3 convolution of the middle of a decoder. */
  Table convolution() {
    int pixels = Math.max(1, side / 4);
    int channels = Math.clamp(side, 8, 256);
    Shape x = Shape.of(8, pixels, pixels, channels);
    Shape w = Shape.of(channels, 3, 3, channels);
    Linear conv = new Linear.Conv2d(Window.centred(3, 1), 1, false, Linear.Epilogue.NONE);
    Attempt ours = ours(conv, DType.F32, x, w);
    Attempt jcudnn = Attempt.of(() -> ConvolutionPeer.seconds(timer, x, w));
    Set<String> notes = new LinkedHashSet<>();
    note(notes, "Ours", ours);
    note(notes, "jcudnn", jcudnn);
    return new Table(
        "Convolution 3x3: ours beside jcudnn",
        List.of("input", "type", "ours ms", "jcudnn ms", "/ jcudnn"),
        List.of(row(x + " to " + channels, DType.F32, ours, List.of(jcudnn))),
        List.copyOf(notes));
  }

  /** Philox: what drawing adds to an update, beside filling memory with draws. */
  Table random() {
    int n = side * side * 256;
    Attempt plain = Attempt.of(() -> KernelBenchmark.updateSeconds(gpu, n, false));
    Attempt drawing = Attempt.of(() -> KernelBenchmark.updateSeconds(gpu, n, true));
    Attempt added =
        plain.seconds() == null || drawing.seconds() == null
            ? new Attempt(null, plain.problem() == null ? drawing.problem() : plain.problem())
            : new Attempt(Math.max(0, drawing.seconds() - plain.seconds()), null);
    Attempt jcurand = Attempt.of(() -> RandomPeer.seconds(timer, n));
    Set<String> notes = new LinkedHashSet<>();
    note(notes, "Ours", added);
    note(notes, "jcurand", jcurand);
    notes.add(
        "Ours is the time that a draw for each element adds to RMSprop's update, which keeps no"
            + " draws; jcurand's Philox4_32_10 writes them to memory.");
    return new Table(
        "Philox: ours beside jcurand",
        List.of("draws", "ours ms", "jcurand ms", "/ jcurand"),
        List.of(
            Arrays.asList(n, added.milliseconds(), jcurand.milliseconds(), added.over(jcurand))),
        List.copyOf(notes));
  }

  /** Every kind of kernel as a share of the card's measured rates. */
  Table roofline() {
    KernelBenchmark result;
    try (Device libraries = Devices.open(gpu.name(), Devices.options().with(Provider.CUDNN))) {
      result = KernelBenchmark.run(gpu, (CudaDevice) libraries, side);
    }
    List<List<Object>> rows = new ArrayList<>();
    for (KernelBenchmark.Kernel k : result.kernels()) {
      rows.add(
          List.of(
              k.name(),
              k.type().name().toLowerCase(Locale.ROOT),
              k.way(),
              k.seconds() * 1e3,
              k.bytes() / k.seconds() / 1e9,
              k.flops() / k.seconds() / 1e12,
              k.share()));
    }
    return new Table(
        "Kernels as a share of the measured roofline",
        List.of("kernel", "type", "way", "ms", "GB/s", "TFLOP/s", "share"),
        rows,
        List.of(
            String.format(
                Locale.ROOT,
                "%s: copy %.0f GB/s, f32 %.1f TFLOP/s, tensor cores %.1f TFLOP/s, measured alone.",
                gpu.description(),
                result.rates().bytesPerSecond() / 1e9,
                result.rates().f32PerSecond() / 1e12,
                result.rates().tensorPerSecond() / 1e12)));
  }
}
