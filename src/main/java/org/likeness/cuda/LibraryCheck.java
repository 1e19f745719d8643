package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.IntFunction;
import org.likeness.ffi.C;

/**
 * The one check of what a library on top of the driver returns, 0 for success. Such a library hides
 * a kernel's fault behind a status of its own; so after a failure the driver is asked as well, and
 * when its answer is sticky the device fails every later call.
 */
public final class LibraryCheck {
  private static final int SUCCESS = 0;

  private final CudaContext context;
  private final IntFunction<Told> words;

  /**
   * What a library says of a status.
   *
   * @param text such as "CUDNN_STATUS_BAD_PARAM (2000), ..."
   * @param outOfMemory whether the device lacked memory
   */
  public record Told(String text, boolean outOfMemory) {}

  /** Makes the check of a library's calls; {@code words} are its own. */
  public LibraryCheck(CudaContext context, IntFunction<Told> words) {
    this.context = context;
    this.words = words;
  }

  /** Fails unless calls may be tried: first thing in every method that calls the library. */
  public void ensureUsable() {
    context.health().ensureUsable();
  }

  /** Throws when a call did not succeed. */
  public void check(int status, String function, Object... arguments) {
    if (status != SUCCESS) {
      throw failed(status, function, arguments);
    }
  }

  /** Returns what to throw for a status that is not success. */
  public CudaException failed(int status, String function, Object... arguments) {
    Health health = context.health();
    Told told = words.apply(status);
    int driver = driverStatus();
    if (CudaStatus.sticky(driver)) {
      String text = told.text() + "; the driver says " + health.describe(driver);
      return health.failed(
          new Health.Failure(status, CudaException.Kind.STICKY, text), function, arguments);
    }
    CudaException.Kind kind =
        told.outOfMemory() ? CudaException.Kind.OUT_OF_MEMORY : CudaException.Kind.REFUSED;
    CudaException failure =
        health.failed(new Health.Failure(status, kind, told.text()), function, arguments);
    return failure.outOfMemory() ? DeviceMemory.lacking(context, failure) : failure;
  }

  /** Checks a call that gives something back; after a sticky status those fail too, in silence. */
  public void checkRelease(int status, String function, Object... arguments) {
    if (status != SUCCESS && !context.health().faulted()) {
      throw failed(status, function, arguments);
    }
  }

  /**
   * Makes the context current so that something can be given back; false when nothing needs to be,
   * as the context took it along.
   */
  public boolean enterToRelease() {
    return context.enterToRelease();
  }

  /** A call that changes nothing and, as every call, tells of a kernel's fault. */
  private int driverStatus() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment free = arena.allocate(C.INT64);
      MemorySegment total = arena.allocate(C.INT64);
      return context.functions().contexts().memGetInfo(free, total);
    }
  }

  /** Returns the device as messages call it. */
  @Override
  public String toString() {
    return context.toString();
  }
}
