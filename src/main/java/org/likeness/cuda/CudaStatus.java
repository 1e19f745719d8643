package org.likeness.cuda;

/** The statuses (CUresult) that mean something to Likeness. */
final class CudaStatus {
  static final int SUCCESS = 0;
  static final int INVALID_VALUE = 1;
  static final int OUT_OF_MEMORY = 2;
  static final int STUB_LIBRARY = 34;
  static final int NO_DEVICE = 100;
  static final int UNSUPPORTED_PTX_VERSION = 222;
  static final int NOT_READY = 600;
  static final int SYSTEM_DRIVER_MISMATCH = 803;
  static final int GRAPH_EXEC_UPDATE_FAILURE = 910;

  private CudaStatus() {}

  /**
   * Whether every later call of the context returns the same: memory is corrupt, or a kernel is.
   */
  static boolean sticky(int status) {
    return switch (status) {
      case 214, 700, 702, 710, 715, 716, 717, 718, 719 -> true;
      default -> false;
    };
  }
}
