package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** The functions of oneDNN that choose, make and run primitives of any kind. */
record OnednnPrimitives(
    MemorySegment descNext,
    MemorySegment descQuery,
    MemorySegment descQueryMemory,
    MemorySegment descDestroy,
    MemorySegment create,
    MemorySegment execute,
    MemorySegment destroy) {
  static final int WEIGHTS = 131;
  static final int DIFF_WEIGHTS = 132;
  static final int SCRATCHPAD = 136;
  private static final int IMPLEMENTATION = 8;

  // dnnl_status_t dnnl_primitive_desc_query(const_dnnl_primitive_desc_t, dnnl_query_t, int index,
  //     void *result)
  private static final MethodHandle DESC_QUERY =
      C.function(C.INT, C.POINTER, C.INT, C.INT, C.POINTER);
  // const_dnnl_memory_desc_t dnnl_primitive_desc_query_md(const_dnnl_primitive_desc_t,
  //     dnnl_query_t, int index)
  private static final MethodHandle DESC_QUERY_MEMORY =
      C.function(C.POINTER, C.POINTER, C.INT, C.INT);
  // dnnl_status_t dnnl_primitive_execute(const_dnnl_primitive_t, dnnl_stream_t, int count,
  //     const dnnl_exec_arg_t *)
  private static final MethodHandle EXECUTE =
      C.function(C.INT, C.POINTER, C.POINTER, C.INT, C.POINTER);

  static OnednnPrimitives of(NativeLibrary.Exports exports) {
    return new OnednnPrimitives(
        exports.address("dnnl_primitive_desc_next_impl"),
        exports.address("dnnl_primitive_desc_query"),
        exports.address("dnnl_primitive_desc_query_md"),
        exports.address("dnnl_primitive_desc_destroy"),
        exports.address("dnnl_primitive_create"),
        exports.address("dnnl_primitive_execute"),
        exports.address("dnnl_primitive_destroy"));
  }

  /** Moves a descriptor on to the next implementation; false when there is none. */
  boolean next(MemorySegment desc) {
    int status = OnednnCall.one(descNext, desc);
    if (status == OnednnCall.LAST_IMPLEMENTATION) {
      return false;
    }
    OnednnCall.check(status, "dnnl_primitive_desc_next_impl");
    return true;
  }

  /** Returns the name of the implementation that a descriptor stands at. */
  String implementation(MemorySegment desc) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(C.POINTER);
      int status;
      try {
        status = (int) DESC_QUERY.invokeExact(descQuery, desc, IMPLEMENTATION, 0, text);
      } catch (Throwable t) {
        throw C.thrown(t);
      }
      OnednnCall.check(status, "dnnl_primitive_desc_query", "impl_info_str");
      return C.string(text.get(C.POINTER, 0));
    }
  }

  /** Returns how an operand lies; the primitive descriptor owns the answer. */
  MemorySegment memory(MemorySegment desc, int operand) {
    try {
      return (MemorySegment) DESC_QUERY_MEMORY.invokeExact(descQueryMemory, desc, operand, 0);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  MemorySegment primitive(Arena owner, MemorySegment desc) {
    return OnednnCall.owned(
        owner, destroy, "dnnl_primitive_create", out -> OnednnCall.two(create, out, desc));
  }

  /** Runs a primitive on {@code count} arguments, pairs of an int and a memory, 16 bytes each. */
  void run(MemorySegment primitive, MemorySegment stream, int count, MemorySegment arguments) {
    int status;
    try {
      status = (int) EXECUTE.invokeExact(execute, primitive, stream, count, arguments);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
    if (status != OnednnCall.SUCCESS) { // here, as an argument array would be garbage in every run
      OnednnCall.check(status, "dnnl_primitive_execute");
    }
  }
}
