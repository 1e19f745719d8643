package org.likeness.device.cpu;

/** Every fast implementation of an operation needs more workspace than the ceiling allows. */
final class OnednnWorkspaceException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final long needed;

  OnednnWorkspaceException(String operation, long needed, long ceiling) {
    super(
        operation
            + " needs "
            + needed
            + " bytes of workspace, the ceiling is "
            + ceiling
            + "; raise the ceiling or make the batch smaller");
    this.needed = needed;
  }

  /** Returns the least ceiling that would do. */
  long needed() {
    return needed;
  }
}
