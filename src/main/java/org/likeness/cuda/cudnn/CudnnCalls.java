package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.LibraryCheck;
import org.likeness.ffi.C;

/** cuDNN's functions and the check of what they return. */
record CudnnCalls(CudnnFunctions functions, LibraryCheck check) {
  private static final int LONGEST_TEXT = 2048;

  static CudnnCalls on(CudaContext context, CudnnFunctions functions) {
    return new CudnnCalls(
        functions,
        new LibraryCheck(
            context,
            status -> new LibraryCheck.Told(describe(functions, status), outOfMemory(status))));
  }

  /**
   * Returns a status as "CUDNN_STATUS_BAD_PARAM (2000), ...": its name, and what cuDNN found wrong
   * in the last call of this thread.
   */
  static String describe(CudnnFunctions functions, int status) {
    String name = C.string(functions.getErrorString(status));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(LONGEST_TEXT);
      functions.getLastErrorString(text, LONGEST_TEXT);
      String told = text.getString(0).strip();
      return name + " (" + status + ")" + (told.isEmpty() ? "" : ", " + told);
    }
  }

  private static boolean outOfMemory(int status) {
    return status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED
        || status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED;
  }
}
