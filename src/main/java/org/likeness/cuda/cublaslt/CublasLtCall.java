package org.likeness.cuda.cublaslt;

import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_STATUS_SUCCESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.LeakAlarm;
import org.likeness.cuda.LibraryCheck;
import org.likeness.ffi.C;

/** A run of a product whose addresses are set: asking for it allocates nothing. */
public final class CublasLtCall implements AutoCloseable {
  private final CublasLtFunctions functions;
  private final LibraryCheck check;
  private final long handle;
  private final LtProblem problem;
  private final AlgorithmSearch.Found algorithm;
  private final CublasLtAlgorithm.Operands operands;
  private final MemorySegment factors; // alpha, beta
  private final LeakAlarm alarm;

  CublasLtCall(
      CublasLtCalls calls,
      long handle,
      LtProblem problem,
      AlgorithmSearch.Found algorithm,
      CublasLtAlgorithm.Operands operands,
      CublasLtProduct product) {
    functions = calls.functions();
    check = calls.check();
    this.handle = handle;
    this.problem = problem;
    this.algorithm = algorithm;
    this.operands = operands;
    factors =
        Arena.ofAuto().allocateFrom(C.FLOAT, new float[] {(float) product.epilogue().scale(), 0});
    alarm = LeakAlarm.on(this, "a run of cuBLASLt on " + check);
  }

  /** Asks a stream to run it; the thread must have entered the context. */
  public void enqueue(CudaStream stream) {
    check.ensureUsable();
    int status =
        functions.matmul(
            handle,
            problem.operation(),
            factors.address(),
            operands.b(),
            problem.a(),
            operands.a(),
            problem.b(),
            factors.address() + Float.BYTES,
            operands.c(),
            problem.d(),
            operands.c(),
            problem.d(),
            algorithm.bytes().address(),
            operands.workspace(),
            algorithm.workspaceBytes(),
            stream.handle());
    Reference.reachabilityFence(this); // whose factors and algorithm were read
    if (status != CUBLAS_STATUS_SUCCESS) {
      throw check.failed(status, "cublasLtMatmul", this, stream);
    }
  }

  @Override
  public void close() {
    if (alarm.disarm() && check.enterToRelease()) {
      problem.close();
    }
  }

  /** Returns the algorithm's name. */
  @Override
  public String toString() {
    return algorithm.name();
  }
}
