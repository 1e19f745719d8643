package org.likeness.device.cuda;

import org.likeness.cuda.cublaslt.CublasLtAlgorithm;
import org.likeness.cuda.cublaslt.CublasLtCall;
import org.likeness.cuda.cudnn.CudnnCall;
import org.likeness.cuda.cudnn.CudnnConvolution.Direction;
import org.likeness.cuda.cudnn.CudnnPlan;
import org.likeness.device.cuda.Engines.Engine;

/** A library's engine for one problem, open in its library. */
sealed interface EnginePlan extends AutoCloseable {
  /** Returns the engine as data. */
  Engine engine();

  /** Returns a run with these addresses, which {@code owned} closes. */
  BoundCommand bind(EngineCall.Buffers b, Owned owned);

  @Override
  void close();

  /** An engine of cuDNN. */
  record OfCudnn(Direction direction, CudnnPlan plan) implements EnginePlan {
    @Override
    public Engine engine() {
      return new Engine(plan.name(), plan.workspaceBytes());
    }

    @Override
    public BoundCommand bind(EngineCall.Buffers b, Owned owned) {
      CudnnPlan.Operands operands =
          switch (direction) {
            case FORWARD -> operands(b, b.left(), b.right(), b.result());
            case DGRAD -> operands(b, b.result(), b.right(), b.left());
            case WGRAD -> operands(b, b.left(), b.result(), b.right());
          };
      CudnnCall call = owned.add(plan.bind(operands));
      return call::enqueue;
    }

    private static CudnnPlan.Operands operands(EngineCall.Buffers b, long x, long w, long y) {
      return new CudnnPlan.Operands(x, w, y, b.bias(), b.residual(), b.workspace());
    }

    @Override
    public void close() {
      plan.close();
    }
  }

  /** An algorithm of cuBLASLt. */
  record OfCublasLt(CublasLtAlgorithm algorithm) implements EnginePlan {
    @Override
    public Engine engine() {
      return new Engine(algorithm.name(), algorithm.workspaceBytes());
    }

    @Override
    public BoundCommand bind(EngineCall.Buffers b, Owned owned) {
      CublasLtAlgorithm.Operands operands =
          new CublasLtAlgorithm.Operands(b.left(), b.right(), b.result(), b.bias(), b.workspace());
      CublasLtCall call = owned.add(algorithm.bind(operands));
      return call::enqueue;
    }

    @Override
    public void close() {
      algorithm.close();
    }
  }
}
