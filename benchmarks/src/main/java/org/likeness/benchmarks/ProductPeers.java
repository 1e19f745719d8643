package org.likeness.benchmarks;

import java.util.List;
import jcuda.Pointer;
import jcuda.cudaDataType;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasComputeType;
import jcuda.jcublas.cublasGemmAlgo;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasOperation;
import jcuda.runtime.cudaStream_t;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.cublaslt.CublasLt;
import org.likeness.cuda.cublaslt.CublasLtAlgorithm;
import org.likeness.cuda.cublaslt.CublasLtCall;
import org.likeness.cuda.cublaslt.CublasLtProduct;
import org.likeness.graph.DType;

/** One row-major product C (m,n) = A (m,k) B (k,n) by other libraries, summed in f32. */
final class ProductPeers implements AutoCloseable {
  private static final long WORKSPACE_CEILING = 32L << 20;

  private final GpuTimer timer;
  private final Sizes sizes;
  private final DType type;
  private final DeviceMemory a; // (m, k)
  private final DeviceMemory b; // (k, n)
  private final DeviceMemory c; // (m, n)

  /** C is (m,n), and k is what is summed over. */
  record Sizes(int m, int n, int k) {
    @Override
    public String toString() {
      return m + " " + n + " " + k;
    }
  }

  ProductPeers(GpuTimer timer, Sizes sizes, DType type) {
    this.timer = timer;
    this.sizes = sizes;
    this.type = type;
    a = filled((long) sizes.m() * sizes.k());
    b = filled((long) sizes.k() * sizes.n());
    c = filled((long) sizes.m() * sizes.n());
  }

  /** Numbers near 1 in f32 and bf16 alike: every byte is that of 1.0 in bf16. */
  private DeviceMemory filled(long elements) {
    DeviceMemory memory = timer.context().allocate(elements * type.bytes());
    timer.context().enter();
    timer.stream().fill(memory.address(), (byte) 0x3f, memory.bytes());
    timer.stream().synchronize();
    return memory;
  }

  /** Returns the seconds of what cuBLASLt thinks fastest, through our bindings. */
  double cublasLt() {
    timer.context().enter();
    try (CublasLt library =
        CublasLt.open(timer.context(), timer.driverVersion()).answer().orThrow()) {
      ElementType element = type == DType.F32 ? ElementType.F32 : ElementType.BF16;
      CublasLtProduct product =
          new CublasLtProduct(
              element,
              element,
              false,
              new CublasLtProduct.Sizes(sizes.m(), sizes.n(), sizes.k()),
              new CublasLtProduct.Transposes(false, false),
              CublasLtProduct.Epilogue.NONE);
      List<CublasLtAlgorithm> found = library.algorithms(product, WORKSPACE_CEILING);
      if (found.isEmpty()) {
        throw new IllegalStateException("it has no deterministic way to compute " + sizes);
      }
      CublasLtAlgorithm first = found.getFirst();
      try (DeviceMemory workspace =
              timer.context().allocate(Math.max(256, first.workspaceBytes()));
          CublasLtCall call =
              first.bind(
                  new CublasLtAlgorithm.Operands(
                      a.address(), b.address(), c.address(), 0, workspace.address()))) {
        return timer.seconds(() -> call.enqueue(timer.stream()));
      } finally {
        found.forEach(CublasLtAlgorithm::close);
      }
    }
  }

  /** Returns the seconds of cublasGemmEx through JCuda, on our memory and stream. */
  double jcublas() {
    timer.context().enter();
    JCublas2.setExceptionsEnabled(true);
    cublasHandle handle = new cublasHandle();
    JCublas2.cublasCreate(handle);
    try {
      JCublas2.cublasSetStream(handle, new cudaStream_t(JCudaInterop.stream(timer.stream())));
      int kind = type == DType.F32 ? cudaDataType.CUDA_R_32F : cudaDataType.CUDA_R_16BF;
      Pointer one = Pointer.to(new float[] {1});
      Pointer zero = Pointer.to(new float[] {0});
      return timer.seconds(
          () ->
              JCublas2.cublasGemmEx( // column-major: C^T (n,m) = B^T A^T
                  handle,
                  cublasOperation.CUBLAS_OP_N,
                  cublasOperation.CUBLAS_OP_N,
                  sizes.n(),
                  sizes.m(),
                  sizes.k(),
                  one,
                  JCudaInterop.pointer(b),
                  kind,
                  sizes.n(),
                  JCudaInterop.pointer(a),
                  kind,
                  sizes.k(),
                  zero,
                  JCudaInterop.pointer(c),
                  kind,
                  sizes.n(),
                  cublasComputeType.CUBLAS_COMPUTE_32F,
                  cublasGemmAlgo.CUBLAS_GEMM_DEFAULT));
    } finally {
      JCublas2.cublasDestroy(handle);
    }
  }

  @Override
  public void close() {
    a.close();
    b.close();
    c.close();
  }
}
