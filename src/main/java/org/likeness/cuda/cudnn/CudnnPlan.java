package org.likeness.cuda.cudnn;

/** One of cuDNN's ways to compute a convolution, ready to be run. */
public final class CudnnPlan implements AutoCloseable {
  private final String name;
  private final long workspaceBytes;
  private final boolean compilesAtRunTime;

  CudnnPlan(String name, long workspaceBytes, boolean compilesAtRunTime) {
    this.name = name;
    this.workspaceBytes = workspaceBytes;
    this.compilesAtRunTime = compilesAtRunTime;
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
   * this version of the library, such as "engine 11: 2=1 3=0".
   */
  public String name() {
    return name;
  }

  /** Returns how much temporary memory a run needs. */
  public long workspaceBytes() {
    return workspaceBytes;
  }

  /** Returns whether the first run may compile a kernel, so that it must not be captured. */
  public boolean compilesAtRunTime() {
    return compilesAtRunTime;
  }

  /** Makes a run with these addresses ready; it is closed before the plan. */
  public CudnnCall bind(Operands addresses) {
    throw new UnsupportedOperationException("to come");
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return name;
  }
}
