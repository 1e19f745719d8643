package org.likeness.cuda;

import java.lang.foreign.MemorySegment;

/**
 * A kernel launch that is ready: running it is one call of the driver, without an allocation or a
 * lookup. It reads its arguments anew each time.
 */
public final class CudaLaunch {
  private final CudaFunction function;
  private final Dim3 grid;
  private final Dim3 block;
  private final int sharedBytes;
  private final MemorySegment places;
  private final DriverModules modules;
  private final Health health;

  /**
   * Makes a launch ready, and allows the kernel its shared memory.
   *
   * @param sharedBytes dynamic shared memory of each block
   * @param arguments of the same function, every one set
   */
  public CudaLaunch(
      CudaFunction function, Dim3 grid, Dim3 block, int sharedBytes, LaunchArguments arguments) {
    this.function = function;
    this.grid = grid;
    this.block = block;
    this.sharedBytes = sharedBytes;
    places = arguments.places(function);
    modules = function.context().functions().modules();
    health = function.context().health();
    function.allowShared(sharedBytes);
  }

  /** Asks a stream to run it; the thread must have entered the context. */
  public void launch(CudaStream stream) {
    health.ensureUsable();
    int status =
        modules.launchKernel(
            function.handle(),
            grid.x(),
            grid.y(),
            grid.z(),
            block.x(),
            block.y(),
            block.z(),
            sharedBytes,
            stream.handle(),
            places,
            MemorySegment.NULL);
    if (status != CudaStatus.SUCCESS) {
      throw health.failed(status, "cuLaunchKernel", this, stream);
    }
  }

  @Override
  public String toString() {
    return function
        + ", "
        + grid
        + " blocks of "
        + block
        + " threads, "
        + sharedBytes
        + " shared bytes";
  }
}
