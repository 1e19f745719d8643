package org.likeness.cuda.cublaslt;

import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_EPILOGUE_BIAS;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_MATMUL_DESC_BIAS_POINTER;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_MATMUL_DESC_EPILOGUE;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_MATMUL_DESC_TRANSA;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_MATMUL_DESC_TRANSB;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_COMPUTE_32F;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_COMPUTE_32F_FAST_TF32;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_OP_N;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_OP_T;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUDA_R_16BF;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUDA_R_16F;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUDA_R_32F;

import java.util.ArrayDeque;
import java.util.Deque;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.cublaslt.CublasLtProduct.Sizes;

/**
 * A product as cuBLASLt's descriptors. All matrices are column-major there: its A is our B, its B
 * our A, its D (n,m) our C.
 */
final class LtProblem implements AutoCloseable {
  private final Deque<LtDescriptor> made = new ArrayDeque<>();
  private final LtDescriptor operation;
  private final LtDescriptor a;
  private final LtDescriptor b;
  private final LtDescriptor d;

  /**
   * Describes a product.
   *
   * @param bias its address; while algorithms are searched for, any of the same alignment
   */
  LtProblem(CublasLtCalls calls, CublasLtProduct product, long bias) {
    Sizes s = product.sizes();
    boolean transposeA = product.transposes().a();
    boolean transposeB = product.transposes().b();
    // without it, f32 operands are multiplied in f32
    boolean tf32 = product.type() == ElementType.F32 && product.tf32();
    boolean described = false;
    try {
      operation =
          owned(
              LtDescriptor.matmul(
                  calls, tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F, CUDA_R_32F));
      operation
          .set(CUBLASLT_MATMUL_DESC_TRANSA, transposeB ? CUBLAS_OP_T : CUBLAS_OP_N)
          .set(CUBLASLT_MATMUL_DESC_TRANSB, transposeA ? CUBLAS_OP_T : CUBLAS_OP_N);
      if (product.epilogue().bias()) {
        operation
            .set(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_BIAS)
            .set(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, CUDA_R_32F)
            .set(CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
      }
      int type = dataType(product.type());
      int n = s.n();
      int m = s.m();
      int k = s.k();
      a = owned(LtDescriptor.layout(calls, type, transposeB ? k : n, transposeB ? n : k));
      b = owned(LtDescriptor.layout(calls, type, transposeA ? m : k, transposeA ? k : m));
      d = owned(LtDescriptor.layout(calls, dataType(product.result()), n, m));
      described = true;
    } finally {
      if (!described) {
        close();
      }
    }
  }

  private LtDescriptor owned(LtDescriptor descriptor) {
    made.push(descriptor);
    return descriptor;
  }

  long operation() {
    return operation.handle();
  }

  long a() {
    return a.handle();
  }

  long b() {
    return b.handle();
  }

  long d() {
    return d.handle();
  }

  private static int dataType(ElementType type) {
    return switch (type) {
      case F32 -> CUDA_R_32F;
      case BF16 -> CUDA_R_16BF;
      case F16 -> CUDA_R_16F;
    };
  }

  @Override
  public void close() {
    while (!made.isEmpty()) {
      made.pop().close();
    }
  }
}
