package org.likeness.cuda.cublaslt;

import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_STATUS_ALLOC_FAILED;

import org.likeness.cuda.CudaContext;
import org.likeness.cuda.LibraryCheck;
import org.likeness.ffi.C;

/** cuBLASLt's functions and the check of what they return. */
record CublasLtCalls(CublasLtFunctions functions, LibraryCheck check) {
  static CublasLtCalls on(CudaContext context, CublasLtFunctions functions) {
    return new CublasLtCalls(
        functions,
        new LibraryCheck(
            context,
            status ->
                new LibraryCheck.Told(
                    describe(functions, status), status == CUBLAS_STATUS_ALLOC_FAILED)));
  }

  /** Returns a status as "CUBLAS_STATUS_INVALID_VALUE (7), ...", in the library's own words. */
  static String describe(CublasLtFunctions functions, int status) {
    return C.string(functions.getStatusName(status))
        + " ("
        + status
        + "), "
        + C.string(functions.getStatusString(status));
  }
}
