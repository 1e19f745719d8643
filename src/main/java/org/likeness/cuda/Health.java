package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.likeness.ffi.C;

/**
 * The one check of what driver functions return. After a sticky status the device fails every later
 * call at once, with the first cause.
 */
final class Health {
  private final DriverStart driver;
  private final String device;
  private volatile CudaException fault;
  private volatile boolean closed;

  /**
   * @param device what messages call it, such as "cuda:0 (NVIDIA H200)"
   */
  Health(DriverStart driver, String device) {
    this.driver = driver;
    this.device = device;
  }

  /** Something that writes one value through the pointer that it is given, and returns a status. */
  @FunctionalInterface
  interface Maker {
    int make(MemorySegment out);
  }

  /** Fails unless calls may be tried: first thing in every method that calls the driver. */
  void ensureUsable() {
    if (fault != null) {
      throw unusable();
    }
    if (closed) {
      throw new IllegalStateException(device + " is closed");
    }
  }

  private CudaException unusable() {
    return new CudaException(
        device + " cannot be used any more since its first failure: " + fault.getMessage(), fault);
  }

  void check(int status, String function, Object... arguments) {
    if (status != CudaStatus.SUCCESS) {
      throw failed(status, function, arguments);
    }
  }

  /** Returns what to throw for a status that is not success. */
  CudaException failed(int status, String function, Object... arguments) {
    return failed(
        new Failure(status, CudaException.Kind.of(status), describe(driver, status)),
        function,
        arguments);
  }

  /** What a failed call returned, and what that means in its library's words. */
  record Failure(int status, CudaException.Kind kind, String text) {}

  CudaException failed(Failure failure, String function, Object... arguments) {
    String call =
        Arrays.stream(arguments)
            .map(String::valueOf)
            .collect(Collectors.joining(", ", function + "(", ")"));
    String message = call + " failed on " + device + ": " + failure.text;
    CudaException thrown = new CudaException(function, failure.status, failure.kind, message);
    if (thrown.sticky()) {
      keep(thrown);
    }
    return thrown;
  }

  /** Returns a status of the driver as "CUDA_ERROR_OUT_OF_MEMORY (2), out of memory". */
  String describe(int status) {
    return describe(driver, status);
  }

  /** Returns whether a failure made the device unusable. */
  boolean faulted() {
    return fault != null;
  }

  /** The first cause stays, also when several threads fail at once. */
  private synchronized void keep(CudaException failure) {
    if (fault == null) {
      fault = failure;
    }
  }

  /** Checks a call that gives something back; after a sticky status those fail too, in silence. */
  void checkRelease(int status, String function, Object... arguments) {
    if (status != CudaStatus.SUCCESS && fault == null) {
      throw failed(status, function, arguments);
    }
  }

  /** Makes something named by a 64-bit handle. */
  long made(String function, Maker maker, Object... arguments) {
    ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.INT64);
      check(maker.make(out), function, arguments);
      return out.get(C.INT64, 0);
    }
  }

  /** Asks for a 32-bit number. */
  int number(String function, Maker maker, Object... arguments) {
    ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.INT);
      check(maker.make(out), function, arguments);
      return out.get(C.INT, 0);
    }
  }

  void close() {
    closed = true;
  }

  boolean closed() {
    return closed;
  }

  @Override
  public String toString() {
    return device;
  }

  /** Returns a status as "CUDA_ERROR_OUT_OF_MEMORY (2), out of memory". */
  static String describe(DriverStart driver, int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.POINTER);
      boolean named = driver.getErrorName(status, out) == CudaStatus.SUCCESS;
      String name = named ? C.string(out.get(C.POINTER, 0)) : "status";
      boolean told = driver.getErrorString(status, out) == CudaStatus.SUCCESS;
      return name + " (" + status + ")" + (told ? ", " + C.string(out.get(C.POINTER, 0)) : "");
    }
  }
}
