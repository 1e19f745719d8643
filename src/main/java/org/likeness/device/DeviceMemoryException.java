package org.likeness.device;

/** A plan does not fit into the memory that a device has left; the message says what to lower. */
public final class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  /** Makes the exception with a sentence for a person. */
  public DeviceMemoryException(String message, Throwable cause) {
    super(message, cause);
  }
}
