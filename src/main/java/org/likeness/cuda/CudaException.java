package org.likeness.cuda;

/**
 * A call of the driver, or of a library on top of it, failed; the message names function,
 * arguments, device, status and the library's own text.
 */
public final class CudaException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String function;
  private final int status;
  private final Kind kind;

  /** What a failure means for what is tried next. */
  enum Kind {
    /** Only this call failed. */
    REFUSED,
    OUT_OF_MEMORY,
    STICKY;

    static Kind of(int status) {
      if (CudaStatus.sticky(status)) {
        return STICKY;
      }
      return status == CudaStatus.OUT_OF_MEMORY ? OUT_OF_MEMORY : REFUSED;
    }
  }

  CudaException(String function, int status, Kind kind, String message) {
    super(message);
    this.function = function;
    this.status = status;
    this.kind = kind;
  }

  /** Tells again of the failure that made a device unusable. */
  CudaException(String message, CudaException first) {
    super(message, first);
    this.function = first.function;
    this.status = first.status;
    this.kind = first.kind;
  }

  /** Returns this failure with more at the end of its message. */
  CudaException with(String detail) {
    CudaException more = new CudaException(function, status, kind, getMessage() + detail);
    more.setStackTrace(getStackTrace());
    return more;
  }

  /**
   * Returns the exported name of the function that failed, first if it made the device unusable.
   */
  public String function() {
    return function;
  }

  /**
   * Returns the status: the driver's, a CUresult such as 2 for out of memory, or that of the
   * library whose function failed.
   */
  public int status() {
    return status;
  }

  /** Returns whether the device lacked memory. */
  public boolean outOfMemory() {
    return kind == Kind.OUT_OF_MEMORY;
  }

  /** Returns whether the device is unusable for the rest of the process since this failure. */
  public boolean sticky() {
    return kind == Kind.STICKY;
  }
}
