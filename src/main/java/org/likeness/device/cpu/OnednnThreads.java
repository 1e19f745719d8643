package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** OpenMP's thread count, which belongs to the calling thread. */
record OnednnThreads(MemorySegment getMax, MemorySegment setNum) {
  // int omp_get_max_threads(void)
  private static final MethodHandle GET_MAX = C.function(C.INT);
  // void omp_set_num_threads(int)
  private static final MethodHandle SET_NUM = C.procedure(C.INT);

  static OnednnThreads of(NativeLibrary.Exports exports) {
    return new OnednnThreads(
        exports.address("omp_get_max_threads"), exports.address("omp_set_num_threads"));
  }

  int count() {
    try {
      return (int) GET_MAX.invokeExact(getMax);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  void use(int threads) {
    try {
      SET_NUM.invokeExact(setNum, threads);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
