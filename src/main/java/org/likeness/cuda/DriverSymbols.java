package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/**
 * Finds functions of the driver as they were in CUDA 12.4, whatever its own version is: the driver
 * itself hands them out, and where it does not, by the names under which it exports them.
 *
 * @param procAddress cuGetProcAddress_v2, if the driver has it
 */
record DriverSymbols(Optional<MemorySegment> procAddress, NativeLibrary.Exports exports)
    implements Symbols {
  // CUresult cuGetProcAddress_v2(const char *symbol, void **pfn, int cudaVersion, cuuint64_t flags,
  //     CUdriverProcAddressQueryResult *symbolStatus)
  private static final MethodHandle GET_PROC_ADDRESS =
      C.function(C.INT, C.POINTER, C.POINTER, C.INT, C.INT64, C.POINTER);

  static DriverSymbols of(NativeLibrary library, NativeLibrary.Exports exports) {
    return new DriverSymbols(library.find("cuGetProcAddress_v2"), exports);
  }

  @Override
  public MemorySegment address(String function) {
    MemorySegment handedOut =
        procAddress.map(p -> handedOut(p, function)).orElse(MemorySegment.NULL);
    return handedOut.address() == 0 ? exports.address(function) : handedOut;
  }

  private static MemorySegment handedOut(MemorySegment procAddress, String function) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(unversioned(function));
      MemorySegment out = arena.allocate(C.POINTER);
      MemorySegment found = arena.allocate(C.INT);
      int status = getProcAddress(procAddress, name, out, found);
      return status == CudaStatus.SUCCESS ? out.get(C.POINTER, 0) : MemorySegment.NULL;
    }
  }

  private static int getProcAddress(
      MemorySegment address, MemorySegment name, MemorySegment out, MemorySegment found) {
    try {
      return (int)
          GET_PROC_ADDRESS.invokeExact(address, name, out, CudaDriver.NEEDED_VERSION, 0L, found);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  /** Returns the name without its ABI's number, which the asked-for version of CUDA decides. */
  static String unversioned(String function) {
    int suffix = function.lastIndexOf("_v");
    return suffix < 0 ? function : function.substring(0, suffix);
  }
}
