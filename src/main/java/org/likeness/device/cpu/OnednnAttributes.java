package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** The functions of oneDNN that say what a primitive does beside its arithmetic. */
record OnednnAttributes(
    MemorySegment create,
    MemorySegment destroy,
    MemorySegment setScratchpad,
    MemorySegment setPostOps,
    MemorySegment postOpsCreate,
    MemorySegment postOpsDestroy,
    MemorySegment appendEltwise,
    MemorySegment appendBinary) {
  static final int RELU = 32;
  static final int LINEAR = 38;
  private static final int BINARY_ADD = 0x1fff0;
  private static final int SCRATCHPAD_OF_USER = 1;

  // dnnl_status_t dnnl_primitive_attr_set_scratchpad_mode(dnnl_primitive_attr_t,
  //     dnnl_scratchpad_mode_t)
  private static final MethodHandle SET_SCRATCHPAD = C.function(C.INT, C.POINTER, C.INT);
  // dnnl_status_t dnnl_post_ops_append_eltwise(dnnl_post_ops_t, dnnl_alg_kind_t, float alpha,
  //     float beta)
  private static final MethodHandle APPEND_ELTWISE =
      C.function(C.INT, C.POINTER, C.INT, C.FLOAT, C.FLOAT);
  // dnnl_status_t dnnl_post_ops_append_binary(dnnl_post_ops_t, dnnl_alg_kind_t,
  //     const_dnnl_memory_desc_t src1)
  private static final MethodHandle APPEND_BINARY = C.function(C.INT, C.POINTER, C.INT, C.POINTER);

  static OnednnAttributes of(NativeLibrary.Exports exports) {
    return new OnednnAttributes(
        exports.address("dnnl_primitive_attr_create"),
        exports.address("dnnl_primitive_attr_destroy"),
        exports.address("dnnl_primitive_attr_set_scratchpad_mode"),
        exports.address("dnnl_primitive_attr_set_post_ops"),
        exports.address("dnnl_post_ops_create"),
        exports.address("dnnl_post_ops_destroy"),
        exports.address("dnnl_post_ops_append_eltwise"),
        exports.address("dnnl_post_ops_append_binary"));
  }

  /** Returns attributes of a primitive whose scratchpad the caller lends. */
  MemorySegment lentScratchpad(Arena owner) {
    MemorySegment attributes =
        OnednnCall.owned(
            owner, destroy, "dnnl_primitive_attr_create", out -> OnednnCall.one(create, out));
    int status;
    try {
      status = (int) SET_SCRATCHPAD.invokeExact(setScratchpad, attributes, SCRATCHPAD_OF_USER);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
    OnednnCall.check(status, "dnnl_primitive_attr_set_scratchpad_mode", SCRATCHPAD_OF_USER);
    return attributes;
  }

  MemorySegment postOps(Arena owner) {
    return OnednnCall.owned(
        owner, postOpsDestroy, "dnnl_post_ops_create", out -> OnednnCall.one(postOpsCreate, out));
  }

  void setPostOps(MemorySegment attributes, MemorySegment postOps) {
    OnednnCall.check(
        OnednnCall.two(setPostOps, attributes, postOps), "dnnl_primitive_attr_set_post_ops");
  }

  void eltwise(MemorySegment postOps, int algorithm, float alpha) {
    int status;
    try {
      status = (int) APPEND_ELTWISE.invokeExact(appendEltwise, postOps, algorithm, alpha, 0f);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
    OnednnCall.check(status, "dnnl_post_ops_append_eltwise", algorithm, alpha);
  }

  void add(MemorySegment postOps, MemorySegment desc) {
    int status;
    try {
      status = (int) APPEND_BINARY.invokeExact(appendBinary, postOps, BINARY_ADD, desc);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
    OnednnCall.check(status, "dnnl_post_ops_append_binary");
  }
}
