package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_STATUS_SUCCESS;

import java.lang.ref.Reference;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.LeakAlarm;
import org.likeness.cuda.LibraryCheck;

/** A run of a {@link CudnnPlan} whose addresses are set: asking for it allocates nothing. */
public final class CudnnCall implements AutoCloseable {
  private final CudnnFunctions functions;
  private final LibraryCheck check;
  private final CudnnPlan plan; // which also holds the scale that the operands point to
  private final Descriptor operands;
  private final long handle;
  private final long planHandle;
  private final long operandsHandle;
  private final LeakAlarm alarm;

  CudnnCall(CudnnCalls cudnn, long handle, CudnnPlan plan, Descriptor operands) {
    functions = cudnn.functions();
    check = cudnn.check();
    this.handle = handle;
    this.plan = plan;
    this.operands = operands;
    planHandle = plan.descriptor().handle();
    operandsHandle = operands.handle();
    alarm = LeakAlarm.on(this, "a run of cuDNN on " + check);
  }

  /** Asks a stream to run it; the thread must have entered the context. */
  public void enqueue(CudaStream stream) {
    check.ensureUsable();
    int status = functions.setStream(handle, stream.handle());
    if (status != CUDNN_STATUS_SUCCESS) {
      throw check.failed(status, "cudnnSetStream", stream);
    }
    status = functions.backendExecute(handle, planHandle, operandsHandle);
    Reference.reachabilityFence(this); // whose scale was read
    if (status != CUDNN_STATUS_SUCCESS) {
      throw check.failed(status, "cudnnBackendExecute", plan, stream);
    }
  }

  @Override
  public void close() {
    if (alarm.disarm() && check.enterToRelease()) {
      operands.close();
    }
  }

  /** Returns the plan's name. */
  @Override
  public String toString() {
    return plan.toString();
  }
}
