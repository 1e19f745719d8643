package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_VARIANT_PACK_WORKSPACE;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.cuda.LeakAlarm;
import org.likeness.cuda.cudnn.ConvolutionGraph.Role;
import org.likeness.ffi.C;

/** One of cuDNN's ways to compute a convolution, ready to be run. */
public final class CudnnPlan implements AutoCloseable {
  private final CudnnCalls cudnn;
  private final long handle;
  private final PlanSearch.Found found;
  private final long workspaceBytes;
  private final MemorySegment scale;
  private final LeakAlarm alarm;

  CudnnPlan(CudnnCalls cudnn, long handle, CudnnConvolution convolution, PlanSearch.Found found) {
    this.cudnn = cudnn;
    this.handle = handle;
    this.found = found;
    workspaceBytes = found.workspaceBytes();
    scale = Arena.ofAuto().allocateFrom(C.FLOAT, (float) convolution.epilogue().scale());
    alarm = LeakAlarm.on(this, "a plan of cuDNN on " + cudnn.check());
  }

  /**
   * Device addresses, multiples of 16; 0 for what the convolution does not have. The direction says
   * which of x, w and y is written.
   *
   * @param x or its gradient, (n,h,w,c)
   * @param w or its gradient, (k,r,s,c)
   * @param y or its gradient, (n,ho,wo,k)
   * @param bias (k)
   * @param residual (n,ho,wo,k)
   * @param workspace of {@link CudnnPlan#workspaceBytes}
   */
  public record Operands(long x, long w, long y, long bias, long residual, long workspace) {}

  /**
   * Returns the engine and its knobs, the same for the same convolution in every process that uses
   * this version of the library on this GPU, such as "eng11_k2=1_k24=3"; "mul " before it says that
   * the scale is a node of its own.
   */
  public String name() {
    return found.name();
  }

  /** Returns how much temporary memory a run needs. */
  public long workspaceBytes() {
    return workspaceBytes;
  }

  /** Returns whether the first run may compile a kernel, so that it must not be captured. */
  public boolean compilesAtRunTime() {
    return found.engine().compilesAtRunTime();
  }

  /** Makes a run with these addresses ready; it is closed before the plan. */
  public CudnnCall bind(Operands addresses) {
    Role[] roles = found.roles().toArray(Role[]::new);
    long[] uids = new long[roles.length];
    long[] pointers = new long[roles.length];
    for (int i = 0; i < roles.length; i++) {
      uids[i] = roles[i].uid();
      pointers[i] =
          switch (roles[i]) {
            case X -> addresses.x;
            case W -> addresses.w;
            case Y -> addresses.y;
            case BIAS -> addresses.bias;
            case RESIDUAL -> addresses.residual;
            case SCALE -> scale.address();
          };
      if (pointers[i] == 0) {
        throw new IllegalArgumentException(this + ": no address of " + roles[i]);
      }
    }
    if (addresses.workspace == 0 && workspaceBytes > 0) {
      throw new IllegalArgumentException(this + ": no workspace of " + workspaceBytes + " bytes");
    }
    Descriptor pack =
        Descriptor.create(
            cudnn, DescriptorType.CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, "operands of " + this);
    try {
      pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, uids)
          .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, pointers)
          .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, addresses.workspace)
          .build();
      return new CudnnCall(cudnn, handle, this, pack);
    } catch (RuntimeException e) {
      pack.close();
      throw e;
    }
  }

  Descriptor descriptor() {
    return found.plan();
  }

  @Override
  public void close() {
    if (alarm.disarm() && cudnn.check().enterToRelease()) {
      found.close();
    }
  }

  /** Returns the name. */
  @Override
  public String toString() {
    return name();
  }
}
