package org.likeness.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.likeness.ffi.Availability;
import org.likeness.ffi.Availability.Available;
import org.likeness.ffi.C;
import org.likeness.ffi.LibrarySearch;
import org.likeness.ffi.NativeLibrary;

/**
 * Names what a thread does, for NVIDIA's profilers to show. Where NVTX is not installed nothing
 * happens.
 */
public final class Nvtx {
  // int nvtxRangePushA(const char *message)
  private static final MethodHandle RANGE_PUSH = C.function(C.INT, C.POINTER);
  // int nvtxRangePop(void)
  private static final MethodHandle RANGE_POP = C.function(C.INT);

  private record Functions(MemorySegment rangePush, MemorySegment rangePop) {
    static Functions of(NativeLibrary.Exports exports) {
      return new Functions(exports.address("nvtxRangePushA"), exports.address("nvtxRangePop"));
    }
  }

  private final Optional<Functions> functions;
  private final Availability<String> library;

  private Nvtx(Optional<Functions> functions, Availability<String> library) {
    this.functions = functions;
    this.library = library;
  }

  /** Opens NVTX if it is there. */
  public static Nvtx open() {
    return open(CudaLibraries.here().nvtx());
  }

  static Nvtx open(LibrarySearch search) {
    record Opened(String library, Functions functions) {}
    Availability<Opened> found =
        search
            .search(
                library ->
                    library
                        .bind(Functions::of)
                        .then(f -> new Available<>(new Opened(library.toString(), f))))
            .answer();
    Optional<Functions> functions =
        found instanceof Available<Opened>(Opened opened)
            ? Optional.of(opened.functions())
            : Optional.empty();
    return new Nvtx(functions, found.then(o -> new Available<>(o.library())));
  }

  /** Returns the library's file or name, or why ranges are not shown. */
  public Availability<String> library() {
    return library;
  }

  /**
   * Begins a range on this thread; they nest.
   *
   * @param name a NUL-terminated string off the heap, which is copied
   */
  public void push(MemorySegment name) {
    if (functions.isPresent()) {
      push(functions.get().rangePush(), name);
    }
  }

  /** Ends this thread's innermost range. */
  public void pop() {
    if (functions.isPresent()) {
      pop(functions.get().rangePop());
    }
  }

  private static void push(MemorySegment function, MemorySegment name) {
    try {
      int unused = (int) RANGE_PUSH.invokeExact(function, name); // negative without a profiler
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  private static void pop(MemorySegment function) {
    try {
      int unused = (int) RANGE_POP.invokeExact(function);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
