package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;
import org.likeness.graph.DType;

/**
 * The functions of oneDNN that describe memory and wrap addresses; of f32 unless a type is named.
 */
record OnednnMemory(
    MemorySegment descStrided,
    MemorySegment descTagged,
    MemorySegment descClone,
    MemorySegment descDestroy,
    MemorySegment descEqual,
    MemorySegment descSize,
    MemorySegment create,
    MemorySegment destroy,
    MemorySegment setHandle) {
  private static final int TAG_ANY = 1;

  // dnnl_status_t dnnl_memory_desc_create_with_strides(dnnl_memory_desc_t *, int ndims,
  //     const dnnl_dims_t, dnnl_data_type_t, const dnnl_dims_t strides)
  private static final MethodHandle DESC_STRIDED =
      C.function(C.INT, C.POINTER, C.INT, C.POINTER, C.INT, C.POINTER);
  // dnnl_status_t dnnl_memory_desc_create_with_tag(dnnl_memory_desc_t *, int ndims,
  //     const dnnl_dims_t, dnnl_data_type_t, dnnl_format_tag_t)
  private static final MethodHandle DESC_TAGGED =
      C.function(C.INT, C.POINTER, C.INT, C.POINTER, C.INT, C.INT);
  // size_t dnnl_memory_desc_get_size(const_dnnl_memory_desc_t)
  private static final MethodHandle DESC_SIZE = C.function(C.INT64, C.POINTER);
  // dnnl_status_t dnnl_memory_create(dnnl_memory_t *, const_dnnl_memory_desc_t, dnnl_engine_t,
  //     void *)
  private static final MethodHandle CREATE =
      C.function(C.INT, C.POINTER, C.POINTER, C.POINTER, C.POINTER);

  static OnednnMemory of(NativeLibrary.Exports exports) {
    return new OnednnMemory(
        exports.address("dnnl_memory_desc_create_with_strides"),
        exports.address("dnnl_memory_desc_create_with_tag"),
        exports.address("dnnl_memory_desc_clone"),
        exports.address("dnnl_memory_desc_destroy"),
        exports.address("dnnl_memory_desc_equal"),
        exports.address("dnnl_memory_desc_get_size"),
        exports.address("dnnl_memory_create"),
        exports.address("dnnl_memory_destroy"),
        exports.address("dnnl_memory_set_data_handle"));
  }

  /** {@code dnnl_data_type_t} of a type. */
  private static int number(DType type) {
    return switch (type) {
      case F16 -> 1;
      case BF16 -> 2;
      case F32 -> 3;
      case F64, I64, U8 -> throw new IllegalArgumentException("no oneDNN operation takes " + type);
    };
  }

  /** Describes a tensor of these sides, side i lying {@code strides[i]} elements apart. */
  MemorySegment strided(Arena owner, long[] sides, long[] strides) {
    return strided(owner, DType.F32, sides, strides);
  }

  MemorySegment strided(Arena owner, DType type, long[] sides, long[] strides) {
    int number = number(type);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment d = arena.allocateFrom(C.INT64, sides);
      MemorySegment s = arena.allocateFrom(C.INT64, strides);
      return OnednnCall.owned(
          owner,
          descDestroy,
          "dnnl_memory_desc_create_with_strides",
          out -> {
            try {
              return (int) DESC_STRIDED.invokeExact(descStrided, out, sides.length, d, number, s);
            } catch (Throwable t) {
              throw C.thrown(t);
            }
          });
    }
  }

  /** Describes a tensor whose layout each implementation chooses for itself. */
  MemorySegment any(Arena owner, DType type, long... sides) {
    int number = number(type);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment d = arena.allocateFrom(C.INT64, sides);
      return OnednnCall.owned(
          owner,
          descDestroy,
          "dnnl_memory_desc_create_with_tag",
          out -> {
            try {
              return (int)
                  DESC_TAGGED.invokeExact(descTagged, out, sides.length, d, number, TAG_ANY);
            } catch (Throwable t) {
              throw C.thrown(t);
            }
          });
    }
  }

  /** Describes an activation (n,c,h,w) that lies as n,h,w,c. */
  MemorySegment nhwc(Arena owner, DType type, long n, long h, long w, long c) {
    return strided(owner, type, new long[] {n, c, h, w}, new long[] {h * w * c, 1, w * c, c});
  }

  /** Describes a matrix whose rows lie one after another. */
  MemorySegment rows(Arena owner, long rows, long columns) {
    return strided(owner, new long[] {rows, columns}, new long[] {columns, 1});
  }

  MemorySegment copy(Arena owner, MemorySegment desc) {
    return OnednnCall.owned(
        owner, descDestroy, "dnnl_memory_desc_clone", out -> OnednnCall.two(descClone, out, desc));
  }

  boolean same(MemorySegment a, MemorySegment b) {
    return OnednnCall.two(descEqual, a, b) != 0;
  }

  /** Returns the bytes that a tensor takes, padding included. */
  long bytes(MemorySegment desc) {
    try {
      return (long) DESC_SIZE.invokeExact(descSize, desc);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  MemorySegment wrap(Arena owner, MemorySegment desc, MemorySegment engine, MemorySegment address) {
    return OnednnCall.owned(
        owner,
        destroy,
        "dnnl_memory_create",
        out -> {
          try {
            return (int) CREATE.invokeExact(create, out, desc, engine, address);
          } catch (Throwable t) {
            throw C.thrown(t);
          }
        });
  }

  void point(MemorySegment memory, MemorySegment address) {
    OnednnCall.check(
        OnednnCall.two(setHandle, memory, address), "dnnl_memory_set_data_handle", address);
  }
}
