package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;
import org.likeness.ffi.C;

/** The one check of what oneDNN functions return, and calls whose prototype many of them share. */
final class OnednnCall {
  static final int SUCCESS = 0;
  static final int UNIMPLEMENTED = 3;
  static final int LAST_IMPLEMENTATION = 4;

  // dnnl_status_t f(void *)
  private static final MethodHandle ONE = C.function(C.INT, C.POINTER);
  // dnnl_status_t f(void *, void *)
  private static final MethodHandle TWO = C.function(C.INT, C.POINTER, C.POINTER);

  private OnednnCall() {}

  static int one(MemorySegment function, MemorySegment a) {
    try {
      return (int) ONE.invokeExact(function, a);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  static int two(MemorySegment function, MemorySegment a, MemorySegment b) {
    try {
      return (int) TWO.invokeExact(function, a, b);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  /** Fails unless the status is success; the arguments are turned into text only then. */
  static void check(int status, String function, Object... arguments) {
    if (status != SUCCESS) {
      String name =
          switch (status) {
            case 1 -> "dnnl_out_of_memory";
            case 2 -> "dnnl_invalid_arguments";
            case UNIMPLEMENTED -> "dnnl_unimplemented";
            case LAST_IMPLEMENTATION -> "dnnl_last_impl_reached";
            case 5 -> "dnnl_runtime_error";
            case 6 -> "dnnl_not_required";
            default -> "status";
          };
      throw new OnednnException(
          function + Arrays.toString(arguments) + " failed: " + name + " (" + status + ")");
    }
  }

  /** Something that makes a handle: it writes it through the pointer that it is given. */
  interface Maker {
    int make(MemorySegment out);
  }

  /** Makes a handle that is destroyed when its owner closes. */
  static MemorySegment owned(Arena owner, MemorySegment destroy, String function, Maker maker) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.POINTER);
      check(maker.make(out), function);
      return out.get(C.POINTER, 0).reinterpret(owner, handle -> one(destroy, handle));
    }
  }

  /** Describes a primitive until its owner closes; empty when no implementation fits. */
  static Optional<MemorySegment> described(
      Arena owner, MemorySegment destroy, String function, Object what, Maker maker) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.POINTER);
      int status = maker.make(out);
      if (status == UNIMPLEMENTED) {
        return Optional.empty();
      }
      check(status, function, what);
      return Optional.of(out.get(C.POINTER, 0).reinterpret(owner, handle -> one(destroy, handle)));
    }
  }
}
