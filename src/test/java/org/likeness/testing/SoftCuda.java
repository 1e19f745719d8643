package org.likeness.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.likeness.ffi.Availability;

/**
 * The CUDA driver for tests, which runs PTX on the processor and checks every access: built once
 * per checkout, opened once per process, with its controls ({@code
 * src/test/native/softcuda/softcuda.h}).
 */
public final class SoftCuda {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  private static final class Holder {
    static final Availability<SoftCuda> OPENED = make();
  }

  private final Path folder;
  private final SymbolLookup symbols;

  private SoftCuda(Path folder) {
    this.folder = folder;
    this.symbols = SymbolLookup.libraryLookup(library(), Arena.global());
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
    return new SoftCudaBuild(
            Path.of("src", "test", "native", "softcuda"),
            Path.of("target", "softcuda").toAbsolutePath(),
            headers)
        .build()
        .then(folder -> new Availability.Available<>(new SoftCuda(folder)));
  }

  /** Returns the file that stands for the driver's library. */
  public Path library() {
    return folder.resolve(SoftCudaBuild.LIBRARY);
  }

  /** Returns the file that stands for NVML's library. */
  public Path nvml() {
    return folder.resolve(SoftCudaBuild.NVML);
  }

  /**
   * Forgets every context, handle and counter and starts again with settings such as {@code
   * "memory=64MiB"}; what they may be is listed in softcuda.h.
   */
  public void reset(String... settings) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(String.join("\n", settings));
      String refusal = text(call("softcuda_reset", ValueLayout.ADDRESS, ValueLayout.ADDRESS), text);
      if (!refusal.isEmpty()) {
        throw new IllegalArgumentException(refusal);
      }
    }
  }

  /** Lets the n-th driver call from now fail with a status; 0 takes that back. */
  public void fail(long nth, int status) {
    MethodHandle handle = linker(FunctionDescriptor.ofVoid(LONG, INT), "softcuda_fail");
    try {
      handle.invokeExact(nth, status);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Lets the n-th call of one function from now fail with a status. */
  public void fail(String function, long nth, int status) {
    MethodHandle handle =
        linker(FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, LONG, INT), "softcuda_fail_in");
    try (Arena arena = Arena.ofConfined()) {
      handle.invokeExact(arena.allocateFrom(function), nth, status);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Returns the driver calls since the reset. */
  public long calls() {
    return number("softcuda_calls");
  }

  /** Returns the calls of one function since the reset; "kernels" are those that ran. */
  public long count(String function) {
    try (Arena arena = Arena.ofConfined()) {
      MethodHandle handle = call("softcuda_count", LONG, ValueLayout.ADDRESS);
      return (long) handle.invokeExact(arena.allocateFrom(function));
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Returns the bytes of device memory that are allocated. */
  public long allocated() {
    return number("softcuda_allocated");
  }

  /** Returns the most bytes of device memory that were allocated since the reset. */
  public long peak() {
    return number("softcuda_peak");
  }

  /** Returns what was not released, a line each; empty when nothing leaks. */
  public String liveObjects() {
    return text(call("softcuda_live_objects", ValueLayout.ADDRESS));
  }

  /** Returns what the first fault since the reset was, or "". */
  public String lastFault() {
    return text(call("softcuda_last_fault", ValueLayout.ADDRESS));
  }

  /** Returns why the last refused call was refused, or "". */
  public String lastRefusal() {
    return text(call("softcuda_last_refusal", ValueLayout.ADDRESS));
  }

  /** Marks device bytes as never written, so that reading them is a fault. */
  public void forget(long address, long bytes) {
    try {
      MethodHandle handle = call("softcuda_forget", INT, LONG, LONG);
      if ((int) handle.invokeExact(address, bytes) != 0) {
        throw new IllegalArgumentException("no device memory at " + Long.toHexString(address));
      }
    } catch (RuntimeException e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  /** Returns a handle of an exported function, for tests that call the driver as C does. */
  public MethodHandle function(String name, FunctionDescriptor prototype) {
    return linker(prototype, name);
  }

  private long number(String function) {
    try {
      return (long) call(function, LONG).invokeExact();
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static String text(MethodHandle handle, Object... arguments) {
    try {
      MemorySegment text = (MemorySegment) handle.invokeWithArguments(arguments);
      return text.address() == 0 ? "" : text.reinterpret(Long.MAX_VALUE).getString(0);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private MethodHandle call(String function, MemoryLayout result, MemoryLayout... parameters) {
    return linker(FunctionDescriptor.of(result, parameters), function);
  }

  private MethodHandle linker(FunctionDescriptor prototype, String function) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(function), prototype);
  }
}
