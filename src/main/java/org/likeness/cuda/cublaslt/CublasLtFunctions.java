package org.likeness.cuda.cublaslt;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** The functions of cuBLASLt that a matrix product needs. */
record CublasLtFunctions(
    MemorySegment getStatusName,
    MemorySegment getStatusString,
    MemorySegment create,
    MemorySegment destroy,
    MemorySegment matmulDescCreate,
    MemorySegment matmulDescDestroy,
    MemorySegment matmulDescSetAttribute,
    MemorySegment matrixLayoutCreate,
    MemorySegment matrixLayoutDestroy,
    MemorySegment matmulPreferenceCreate,
    MemorySegment matmulPreferenceDestroy,
    MemorySegment matmulPreferenceSetAttribute,
    MemorySegment matmulAlgoGetHeuristic,
    MemorySegment matmulAlgoConfigGetAttribute,
    MemorySegment matmul) {
  // const char *cublasLtGetStatusName(cublasStatus_t status)
  private static final MethodHandle GET_STATUS_NAME = C.function(C.POINTER, C.INT);
  // const char *cublasLtGetStatusString(cublasStatus_t status)
  private static final MethodHandle GET_STATUS_STRING = C.function(C.POINTER, C.INT);
  // cublasStatus_t cublasLtCreate(cublasLtHandle_t *lightHandle)
  private static final MethodHandle CREATE = C.function(C.INT, C.POINTER);
  // cublasStatus_t cublasLtDestroy(cublasLtHandle_t lightHandle)
  private static final MethodHandle DESTROY = C.function(C.INT, C.HANDLE);
  // cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *matmulDesc,
  //     cublasComputeType_t computeType, cudaDataType_t scaleType)
  private static final MethodHandle MATMUL_DESC_CREATE = C.function(C.INT, C.POINTER, C.INT, C.INT);
  // cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t matmulDesc)
  private static final MethodHandle MATMUL_DESC_DESTROY = C.function(C.INT, C.HANDLE);
  // cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t matmulDesc,
  //     cublasLtMatmulDescAttributes_t attr, const void *buf, size_t sizeInBytes)
  private static final MethodHandle MATMUL_DESC_SET_ATTRIBUTE =
      C.function(C.INT, C.HANDLE, C.INT, C.POINTER, C.INT64);
  // cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *matLayout, cudaDataType type,
  //     uint64_t rows, uint64_t cols, int64_t ld)
  private static final MethodHandle MATRIX_LAYOUT_CREATE =
      C.function(C.INT, C.POINTER, C.INT, C.INT64, C.INT64, C.INT64);
  // cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t matLayout)
  private static final MethodHandle MATRIX_LAYOUT_DESTROY = C.function(C.INT, C.HANDLE);
  // cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *pref)
  private static final MethodHandle MATMUL_PREFERENCE_CREATE = C.function(C.INT, C.POINTER);
  // cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t pref)
  private static final MethodHandle MATMUL_PREFERENCE_DESTROY = C.function(C.INT, C.HANDLE);
  // cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t pref,
  //     cublasLtMatmulPreferenceAttributes_t attr, const void *buf, size_t sizeInBytes)
  private static final MethodHandle MATMUL_PREFERENCE_SET_ATTRIBUTE =
      C.function(C.INT, C.HANDLE, C.INT, C.POINTER, C.INT64);
  // cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t lightHandle,
  //     cublasLtMatmulDesc_t operationDesc, cublasLtMatrixLayout_t Adesc, ... Bdesc, ... Cdesc,
  //     ... Ddesc, cublasLtMatmulPreference_t preference, int requestedAlgoCount,
  //     cublasLtMatmulHeuristicResult_t heuristicResultsArray[], int *returnAlgoCount)
  private static final MethodHandle MATMUL_ALGO_GET_HEURISTIC =
      C.function(
          C.INT, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.INT,
          C.POINTER, C.POINTER);
  // cublasStatus_t cublasLtMatmulAlgoConfigGetAttribute(const cublasLtMatmulAlgo_t *algo,
  //     cublasLtMatmulAlgoConfigAttributes_t attr, void *buf, size_t sizeInBytes,
  //     size_t *sizeWritten)
  private static final MethodHandle MATMUL_ALGO_CONFIG_GET_ATTRIBUTE =
      C.function(C.INT, C.POINTER, C.INT, C.POINTER, C.INT64, C.POINTER);
  // cublasStatus_t cublasLtMatmul(cublasLtHandle_t lightHandle, cublasLtMatmulDesc_t computeDesc,
  //     const void *alpha, const void *A, cublasLtMatrixLayout_t Adesc, const void *B, ... Bdesc,
  //     const void *beta, const void *C, ... Cdesc, void *D, ... Ddesc,
  //     const cublasLtMatmulAlgo_t *algo, void *workspace, size_t workspaceSizeInBytes,
  //     cudaStream_t stream)
  private static final MethodHandle MATMUL =
      C.function(
          C.INT, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE,
          C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.HANDLE, C.INT64, C.HANDLE);

  static CublasLtFunctions of(NativeLibrary.Exports exports) {
    return new CublasLtFunctions(
        exports.address("cublasLtGetStatusName"),
        exports.address("cublasLtGetStatusString"),
        exports.address("cublasLtCreate"),
        exports.address("cublasLtDestroy"),
        exports.address("cublasLtMatmulDescCreate"),
        exports.address("cublasLtMatmulDescDestroy"),
        exports.address("cublasLtMatmulDescSetAttribute"),
        exports.address("cublasLtMatrixLayoutCreate"),
        exports.address("cublasLtMatrixLayoutDestroy"),
        exports.address("cublasLtMatmulPreferenceCreate"),
        exports.address("cublasLtMatmulPreferenceDestroy"),
        exports.address("cublasLtMatmulPreferenceSetAttribute"),
        exports.address("cublasLtMatmulAlgoGetHeuristic"),
        exports.address("cublasLtMatmulAlgoConfigGetAttribute"),
        exports.address("cublasLtMatmul"));
  }

  MemorySegment getStatusName(int status) {
    try {
      return (MemorySegment) GET_STATUS_NAME.invokeExact(getStatusName, status);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  MemorySegment getStatusString(int status) {
    try {
      return (MemorySegment) GET_STATUS_STRING.invokeExact(getStatusString, status);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int create(MemorySegment out) {
    try {
      return (int) CREATE.invokeExact(create, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int destroy(long handle) {
    try {
      return (int) DESTROY.invokeExact(destroy, handle);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulDescCreate(MemorySegment out, int computeType, int scaleType) {
    try {
      return (int) MATMUL_DESC_CREATE.invokeExact(matmulDescCreate, out, computeType, scaleType);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulDescDestroy(long descriptor) {
    try {
      return (int) MATMUL_DESC_DESTROY.invokeExact(matmulDescDestroy, descriptor);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulDescSetAttribute(long descriptor, int attribute, MemorySegment value, long size) {
    try {
      return (int)
          MATMUL_DESC_SET_ATTRIBUTE.invokeExact(
              matmulDescSetAttribute, descriptor, attribute, value, size);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matrixLayoutCreate(MemorySegment out, int type, long rows, long columns, long leading) {
    try {
      return (int)
          MATRIX_LAYOUT_CREATE.invokeExact(matrixLayoutCreate, out, type, rows, columns, leading);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matrixLayoutDestroy(long layout) {
    try {
      return (int) MATRIX_LAYOUT_DESTROY.invokeExact(matrixLayoutDestroy, layout);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulPreferenceCreate(MemorySegment out) {
    try {
      return (int) MATMUL_PREFERENCE_CREATE.invokeExact(matmulPreferenceCreate, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulPreferenceDestroy(long preference) {
    try {
      return (int) MATMUL_PREFERENCE_DESTROY.invokeExact(matmulPreferenceDestroy, preference);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulPreferenceSetAttribute(long preference, int attribute, MemorySegment value, long size) {
    try {
      return (int)
          MATMUL_PREFERENCE_SET_ATTRIBUTE.invokeExact(
              matmulPreferenceSetAttribute, preference, attribute, value, size);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulAlgoGetHeuristic(
      long handle,
      long operation,
      long a,
      long b,
      long c,
      long d,
      long preference,
      int requested,
      MemorySegment results,
      MemorySegment count) {
    try {
      return (int)
          MATMUL_ALGO_GET_HEURISTIC.invokeExact(
              matmulAlgoGetHeuristic,
              handle,
              operation,
              a,
              b,
              c,
              d,
              preference,
              requested,
              results,
              count);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmulAlgoConfigGetAttribute(
      MemorySegment algorithm,
      int attribute,
      MemorySegment value,
      long size,
      MemorySegment written) {
    try {
      return (int)
          MATMUL_ALGO_CONFIG_GET_ATTRIBUTE.invokeExact(
              matmulAlgoConfigGetAttribute, algorithm, attribute, value, size, written);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int matmul(
      long handle,
      long operation,
      long alpha,
      long a,
      long layoutA,
      long b,
      long layoutB,
      long beta,
      long c,
      long layoutC,
      long d,
      long layoutD,
      long algorithm,
      long workspace,
      long workspaceBytes,
      long stream) {
    try {
      return (int)
          MATMUL.invokeExact(
              matmul,
              handle,
              operation,
              alpha,
              a,
              layoutA,
              b,
              layoutB,
              beta,
              c,
              layoutC,
              d,
              layoutD,
              algorithm,
              workspace,
              workspaceBytes,
              stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
