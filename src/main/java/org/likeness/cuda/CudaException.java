package org.likeness.cuda;

/**
 * A call of the driver failed; the message names function, arguments, device, status and the
 * driver's own text.
 */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String function;
  private final int status;

  CudaException(String function, int status, String message) {
    super(message);
    this.function = function;
    this.status = status;
  }

  /** Tells again of the failure that made a device unusable. */
  CudaException(String message, CudaException first) {
    super(message, first);
    this.function = first.function;
    this.status = first.status;
  }

  /** Returns this failure with more at the end of its message. */
  CudaException with(String detail) {
    CudaException more = new CudaException(function, status, getMessage() + detail);
    more.setStackTrace(getStackTrace());
    return more;
  }

  /**
   * Returns the exported name of the function that failed, first if it made the device unusable.
   */
  public String function() {
    return function;
  }

  /** Returns the driver's status, a CUresult such as 2 for out of memory. */
  public int status() {
    return status;
  }

  /** Returns whether the device lacked memory. */
  public boolean outOfMemory() {
    return status == CudaStatus.OUT_OF_MEMORY;
  }

  /** Returns whether the device is unusable for the rest of the process since this failure. */
  public boolean sticky() {
    return CudaStatus.sticky(status);
  }
}
