package org.likeness.device.cuda;

/** NVIDIA's libraries of convolutions and products. */
public enum Library {
  /** Convolutions. */
  CUDNN("cuDNN", "nvidia-cudnn-cu12", "nvidia-cudnn-cu13"),
  /** Products of matrices. */
  CUBLASLT("cuBLASLt", "nvidia-cublas-cu12", "nvidia-cublas");

  private final String title;
  private final String package12;
  private final String package13;

  Library(String title, String package12, String package13) {
    this.title = title;
    this.package12 = package12;
    this.package13 = package13;
  }

  /** Returns its name as NVIDIA writes it. */
  public String title() {
    return title;
  }

  /**
   * Returns the package for Python that has it.
   *
   * @param driverVersion as {@link org.likeness.cuda.CudaDriver#versionNumber} tells it; 0 where
   *     there is no driver
   */
  public String pythonPackage(int driverVersion) {
    return driverVersion >= 13_000 ? package13 : package12;
  }
}
