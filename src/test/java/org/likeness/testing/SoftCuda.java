package org.likeness.testing;

import java.lang.foreign.FunctionDescriptor;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import org.likeness.ffi.Availability;

/**
 * The CUDA driver for tests, which runs PTX on the processor and checks every access: built once
 * per checkout, opened once per process, with its controls ({@code
 * src/test/native/softcuda/softcuda.h}).
 */
public final class SoftCuda {
  private static final String LIBRARY = "libcuda.so.1";
  private static final String NVML = "libnvidia-ml.so.1";

  private static final class Holder {
    static final Availability<SoftCuda> OPENED = make();
  }

  private final Path folder;
  private final NativeControls controls;

  private SoftCuda(Path folder) {
    this.folder = folder;
    this.controls = new NativeControls(library());
  }

  /** Builds it and prints the file that stands for the driver's library. */
  public static void main(String[] args) {
    System.out.println(open().orThrow().library());
  }

  /** Builds and opens it, or says why that cannot be. */
  public static Availability<SoftCuda> open() {
    return Holder.OPENED;
  }

  private static Availability<SoftCuda> make() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return new Availability.Broken<>("softcuda", "it is built on Linux only");
    }
    Path headers;
    try {
      headers = CudaToolkit.headers();
    } catch (CudaToolkit.Missing e) {
      return new Availability.Broken<>("softcuda", e.getMessage());
    }
    return new NativeBuild(
            Path.of("src", "test", "native", "softcuda"),
            Path.of("target", "softcuda").toAbsolutePath(),
            headers,
            List.of(
                new NativeBuild.Library(LIBRARY, "driver.map", file -> !file.startsWith("fake_")),
                new NativeBuild.Library(NVML, "fake_nvml.map", file -> file.startsWith("fake_"))))
        .build()
        .then(folder -> new Availability.Available<>(new SoftCuda(folder)));
  }

  /** Returns the file that stands for the driver's library. */
  public Path library() {
    return folder.resolve(LIBRARY);
  }

  /** Returns the file that stands for NVML's library. */
  public Path nvml() {
    return folder.resolve(NVML);
  }

  /**
   * Forgets every context, handle and counter and starts again with settings such as {@code
   * "memory=64MiB"}; what they may be is listed in softcuda.h.
   */
  public void reset(String... settings) {
    String refusal = controls.text("softcuda_reset", String.join("\n", settings));
    if (!refusal.isEmpty()) {
      throw new IllegalArgumentException(refusal);
    }
  }

  /** Lets the n-th driver call from now fail with a status; 0 takes that back. */
  public void fail(long nth, int status) {
    controls.run("softcuda_fail", nth, status);
  }

  /** Lets the n-th call of one function from now fail with a status. */
  public void fail(String function, long nth, int status) {
    controls.run("softcuda_fail_in", function, nth, status);
  }

  /** Returns the driver calls since the reset. */
  public long calls() {
    return controls.number("softcuda_calls");
  }

  /** Returns the calls of one function since the reset; "kernels" are those that ran. */
  public long count(String function) {
    return controls.number("softcuda_count", function);
  }

  /** Returns the bytes of device memory that are allocated. */
  public long allocated() {
    return controls.number("softcuda_allocated");
  }

  /** Returns the most bytes of device memory that were allocated since the reset. */
  public long peak() {
    return controls.number("softcuda_peak");
  }

  /** Returns what was not released, a line each; empty when nothing leaks. */
  public String liveObjects() {
    return controls.text("softcuda_live_objects");
  }

  /** Returns what the first fault since the reset was, or "". */
  public String lastFault() {
    return controls.text("softcuda_last_fault");
  }

  /** Returns why the last refused call was refused, or "". */
  public String lastRefusal() {
    return controls.text("softcuda_last_refusal");
  }

  /** Marks device bytes as never written, so that reading them is a fault. */
  public void forget(long address, long bytes) {
    if (controls.status("softcuda_forget", address, bytes) != 0) {
      throw new IllegalArgumentException("no device memory at " + Long.toHexString(address));
    }
  }

  /** Calls a function of the driver as C does and returns its status. */
  public int status(String function, Object... arguments) {
    return controls.status(function, arguments);
  }

  /** Returns a handle of an exported function, for tests that call the driver as C does. */
  public MethodHandle function(String name, FunctionDescriptor prototype) {
    return controls.function(name, prototype);
  }
}
