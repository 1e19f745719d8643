package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** The functions of oneDNN that concern the library as a whole. */
record OnednnRuntime(
    MemorySegment version,
    MemorySegment effectiveIsa,
    MemorySegment engineCreate,
    MemorySegment engineDestroy,
    MemorySegment streamCreate,
    MemorySegment streamDestroy,
    MemorySegment streamWait) {
  private static final int CPU = 1;
  private static final int IN_ORDER = 1;

  // const dnnl_version_t *dnnl_version(void); the struct begins with int major, minor, patch
  private static final MethodHandle VERSION = C.function(C.POINTER);
  // dnnl_cpu_isa_t dnnl_get_effective_cpu_isa(void)
  private static final MethodHandle EFFECTIVE_ISA = C.function(C.INT);
  // dnnl_status_t dnnl_engine_create(dnnl_engine_t *, dnnl_engine_kind_t, size_t index)
  private static final MethodHandle ENGINE_CREATE = C.function(C.INT, C.POINTER, C.INT, C.INT64);
  // dnnl_status_t dnnl_stream_create(dnnl_stream_t *, dnnl_engine_t, unsigned flags)
  private static final MethodHandle STREAM_CREATE = C.function(C.INT, C.POINTER, C.POINTER, C.INT);

  static OnednnRuntime of(NativeLibrary.Exports exports) {
    return new OnednnRuntime(
        exports.address("dnnl_version"),
        exports.address("dnnl_get_effective_cpu_isa"),
        exports.address("dnnl_engine_create"),
        exports.address("dnnl_engine_destroy"),
        exports.address("dnnl_stream_create"),
        exports.address("dnnl_stream_destroy"),
        exports.address("dnnl_stream_wait"));
  }

  /** Major, minor and patch number of the library. */
  record Version(int major, int minor, int patch) {
    @Override
    public String toString() {
      return major + "." + minor + "." + patch;
    }
  }

  Version readVersion() {
    MemorySegment numbers;
    try {
      numbers = (MemorySegment) VERSION.invokeExact(version);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
    numbers = numbers.reinterpret(3 * C.INT.byteSize());
    return new Version(
        numbers.getAtIndex(C.INT, 0), numbers.getAtIndex(C.INT, 1), numbers.getAtIndex(C.INT, 2));
  }

  /** Returns the instruction set that primitives are made for on this processor. */
  String isa() {
    int isa;
    try {
      isa = (int) EFFECTIVE_ISA.invokeExact(effectiveIsa);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
    return switch (isa) {
      case 0x1 -> "sse41";
      case 0x3 -> "avx";
      case 0x7 -> "avx2";
      case 0xf -> "avx2_vnni";
      case 0x1f -> "avx2_vnni_2";
      case 0x27 -> "avx512_core";
      case 0x67 -> "avx512_core_vnni";
      case 0xe7 -> "avx512_core_bf16";
      case 0x1ef -> "avx512_core_fp16";
      case 0xfef -> "avx512_core_amx";
      case 0x1fef -> "avx512_core_amx_fp16";
      default -> String.format(Locale.ROOT, "isa 0x%x", isa);
    };
  }

  MemorySegment engine(Arena owner) {
    return OnednnCall.owned(
        owner,
        engineDestroy,
        "dnnl_engine_create",
        out -> {
          try {
            return (int) ENGINE_CREATE.invokeExact(engineCreate, out, CPU, 0L);
          } catch (Throwable t) {
            throw C.thrown(t);
          }
        });
  }

  MemorySegment stream(Arena owner, MemorySegment engine) {
    return OnednnCall.owned(
        owner,
        streamDestroy,
        "dnnl_stream_create",
        out -> {
          try {
            return (int) STREAM_CREATE.invokeExact(streamCreate, out, engine, IN_ORDER);
          } catch (Throwable t) {
            throw C.thrown(t);
          }
        });
  }

  void await(MemorySegment stream) {
    int status = OnednnCall.one(streamWait, stream);
    if (status != OnednnCall.SUCCESS) {
      OnednnCall.check(status, "dnnl_stream_wait");
    }
  }
}
