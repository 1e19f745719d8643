package org.likeness.device.cpu;

/** A oneDNN call failed; the message names function, status and arguments. */
public final class OnednnException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OnednnException(String message) {
    super(message);
  }
}
