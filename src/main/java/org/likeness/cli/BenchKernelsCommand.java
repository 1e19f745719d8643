package org.likeness.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.device.Device;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.device.cuda.Provider;
import org.likeness.runtime.Devices;
import org.likeness.runtime.KernelBenchmark;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code likeness bench kernels}: how much of a GPU our kernels and the libraries' use. */
@Command(
    name = "kernels",
    description = "Measures the CUDA kernels as a share of what this GPU can do.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "First the GPU's own rates are measured: its copy, f32 multiply-adds, f16 tensor-core",
      "products. A kernel's share is the time that its bytes or its arithmetic, whichever takes",
      "longer, would need at these rates, over the time it took. Below each convolution and"
          + " product",
      "of ours stands that of cuDNN or cuBLASLt, where they are installed.",
      "--json prints {device, bytesPerSecond, f32FlopsPerSecond, tensorFlopsPerSecond,",
      "kernels: [{name, type, way, seconds, bytes, flops, share}]}, or {skipped} with the reason",
      "where there is no GPU."
    })
final class BenchKernelsCommand implements Callable<Integer> {
  private static final int LARGEST_SIDE = 2048;

  private final PrintStream out;

  @Spec private CommandSpec spec;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "cuda",
      description = "cuda or cuda:N; default ${DEFAULT-VALUE}.")
  private String name;

  @Option(
      names = "--side",
      paramLabel = "PIXELS",
      defaultValue = "256",
      description = "Side of the largest activations; default ${DEFAULT-VALUE}, about 1 GiB.")
  private int side;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  BenchKernelsCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() {
    if (side < 1 || side > LARGEST_SIDE) {
      throw new ParameterException(
          spec.commandLine(), "--side is " + side + "; give 1 to " + LARGEST_SIDE);
    }
    Device opened;
    try {
      opened = Devices.open(name, Devices.options().with(Provider.OURS));
    } catch (IllegalArgumentException e) {
      return skip(e.getMessage());
    }
    try (opened) {
      if (!(opened instanceof CudaDevice gpu)) {
        return skip(name + " is not a GPU; the kernels are CUDA's");
      }
      try (Device libraries = Devices.open(name, Devices.options().with(Provider.CUDNN))) {
        print(libraries, KernelBenchmark.run(gpu, (CudaDevice) libraries, side));
      }
      return 0;
    }
  }

  private int skip(String reason) {
    if (json) {
      Json.print(out, Map.of("skipped", reason));
    } else {
      out.println("skipped: " + reason);
    }
    return 0;
  }

  private void print(Device device, KernelBenchmark result) {
    if (json) {
      Json.print(out, figures(device, result));
      return;
    }
    out.println(device.description());
    device.advice().ifPresent(out::println);
    out.printf(
        Locale.ROOT,
        "copy %.0f GB/s, f32 %.1f TFLOP/s, tensor cores %.1f TFLOP/s%n",
        result.rates().bytesPerSecond() / 1e9,
        result.rates().f32PerSecond() / 1e12,
        result.rates().tensorPerSecond() / 1e12);
    for (KernelBenchmark.Kernel k : result.kernels()) {
      out.printf(
          Locale.ROOT,
          "  %-16s %-4s %9.3f ms %7.0f GB/s %7.1f TFLOP/s %4.0f %%%s%n",
          k.name(),
          k.type().name().toLowerCase(Locale.ROOT),
          k.seconds() * 1e3,
          k.bytes() / k.seconds() / 1e9,
          k.flops() / k.seconds() / 1e12,
          100 * k.share(),
          k.way().isEmpty() ? "" : "  " + k.way());
    }
  }

  private static Map<String, Object> figures(Device device, KernelBenchmark result) {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("device", device.description());
    figures.put("bytesPerSecond", result.rates().bytesPerSecond());
    figures.put("f32FlopsPerSecond", result.rates().f32PerSecond());
    figures.put("tensorFlopsPerSecond", result.rates().tensorPerSecond());
    List<Map<String, Object>> kernels = new ArrayList<>();
    for (KernelBenchmark.Kernel k : result.kernels()) {
      Map<String, Object> kernel = new LinkedHashMap<>();
      kernel.put("name", k.name());
      kernel.put("type", k.type().name().toLowerCase(Locale.ROOT));
      kernel.put("way", k.way());
      kernel.put("seconds", k.seconds());
      kernel.put("bytes", k.bytes());
      kernel.put("flops", k.flops());
      kernel.put("share", k.share());
      kernels.add(kernel);
    }
    figures.put("kernels", kernels);
    return figures;
  }
}
