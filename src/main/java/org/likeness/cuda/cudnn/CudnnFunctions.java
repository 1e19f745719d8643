package org.likeness.cuda.cudnn;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** The functions of cuDNN that its graph interface needs. */
record CudnnFunctions(
    MemorySegment getErrorString,
    MemorySegment getLastErrorString,
    MemorySegment create,
    MemorySegment destroy,
    MemorySegment setStream,
    MemorySegment backendCreateDescriptor,
    MemorySegment backendDestroyDescriptor,
    MemorySegment backendSetAttribute,
    MemorySegment backendGetAttribute,
    MemorySegment backendFinalize,
    MemorySegment backendExecute) {
  // const char *cudnnGetErrorString(cudnnStatus_t status)
  private static final MethodHandle GET_ERROR_STRING = C.function(C.POINTER, C.INT);
  // void cudnnGetLastErrorString(char *message, size_t max_size)
  private static final MethodHandle GET_LAST_ERROR_STRING = C.procedure(C.POINTER, C.INT64);
  // cudnnStatus_t cudnnCreate(cudnnHandle_t *handle)
  private static final MethodHandle CREATE = C.function(C.INT, C.POINTER);
  // cudnnStatus_t cudnnDestroy(cudnnHandle_t handle)
  private static final MethodHandle DESTROY = C.function(C.INT, C.HANDLE);
  // cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t streamId)
  private static final MethodHandle SET_STREAM = C.function(C.INT, C.HANDLE, C.HANDLE);
  // cudnnStatus_t cudnnBackendCreateDescriptor(cudnnBackendDescriptorType_t descriptorType,
  //     cudnnBackendDescriptor_t *descriptor)
  private static final MethodHandle BACKEND_CREATE_DESCRIPTOR = C.function(C.INT, C.INT, C.POINTER);
  // cudnnStatus_t cudnnBackendDestroyDescriptor(cudnnBackendDescriptor_t descriptor)
  private static final MethodHandle BACKEND_DESTROY_DESCRIPTOR = C.function(C.INT, C.HANDLE);
  // cudnnStatus_t cudnnBackendSetAttribute(cudnnBackendDescriptor_t descriptor,
  //     cudnnBackendAttributeName_t attributeName, cudnnBackendAttributeType_t attributeType,
  //     int64_t elementCount, const void *arrayOfElements)
  private static final MethodHandle BACKEND_SET_ATTRIBUTE =
      C.function(C.INT, C.HANDLE, C.INT, C.INT, C.INT64, C.POINTER);
  // cudnnStatus_t cudnnBackendGetAttribute(cudnnBackendDescriptor_t descriptor,
  //     cudnnBackendAttributeName_t attributeName, cudnnBackendAttributeType_t attributeType,
  //     int64_t requestedElementCount, int64_t *elementCount, void *arrayOfElements)
  private static final MethodHandle BACKEND_GET_ATTRIBUTE =
      C.function(C.INT, C.HANDLE, C.INT, C.INT, C.INT64, C.POINTER, C.POINTER);
  // cudnnStatus_t cudnnBackendFinalize(cudnnBackendDescriptor_t descriptor)
  private static final MethodHandle BACKEND_FINALIZE = C.function(C.INT, C.HANDLE);
  // cudnnStatus_t cudnnBackendExecute(cudnnHandle_t handle, cudnnBackendDescriptor_t executionPlan,
  //     cudnnBackendDescriptor_t variantPack)
  private static final MethodHandle BACKEND_EXECUTE =
      C.function(C.INT, C.HANDLE, C.HANDLE, C.HANDLE);

  static CudnnFunctions of(NativeLibrary.Exports exports) {
    return new CudnnFunctions(
        exports.address("cudnnGetErrorString"),
        exports.address("cudnnGetLastErrorString"),
        exports.address("cudnnCreate"),
        exports.address("cudnnDestroy"),
        exports.address("cudnnSetStream"),
        exports.address("cudnnBackendCreateDescriptor"),
        exports.address("cudnnBackendDestroyDescriptor"),
        exports.address("cudnnBackendSetAttribute"),
        exports.address("cudnnBackendGetAttribute"),
        exports.address("cudnnBackendFinalize"),
        exports.address("cudnnBackendExecute"));
  }

  MemorySegment getErrorString(int status) {
    try {
      return (MemorySegment) GET_ERROR_STRING.invokeExact(getErrorString, status);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  void getLastErrorString(MemorySegment message, long maxSize) {
    try {
      GET_LAST_ERROR_STRING.invokeExact(getLastErrorString, message, maxSize);
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

  int setStream(long handle, long stream) {
    try {
      return (int) SET_STREAM.invokeExact(setStream, handle, stream);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int backendCreateDescriptor(int type, MemorySegment out) {
    try {
      return (int) BACKEND_CREATE_DESCRIPTOR.invokeExact(backendCreateDescriptor, type, out);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int backendDestroyDescriptor(long descriptor) {
    try {
      return (int) BACKEND_DESTROY_DESCRIPTOR.invokeExact(backendDestroyDescriptor, descriptor);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int backendSetAttribute(long descriptor, int name, int type, long count, MemorySegment elements) {
    try {
      return (int)
          BACKEND_SET_ATTRIBUTE.invokeExact(
              backendSetAttribute, descriptor, name, type, count, elements);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int backendGetAttribute(
      long descriptor,
      int name,
      int type,
      long requested,
      MemorySegment count,
      MemorySegment elements) {
    try {
      return (int)
          BACKEND_GET_ATTRIBUTE.invokeExact(
              backendGetAttribute, descriptor, name, type, requested, count, elements);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int backendFinalize(long descriptor) {
    try {
      return (int) BACKEND_FINALIZE.invokeExact(backendFinalize, descriptor);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  int backendExecute(long handle, long plan, long pack) {
    try {
      return (int) BACKEND_EXECUTE.invokeExact(backendExecute, handle, plan, pack);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
