package org.likeness.device.cuda;

/** Whose kernels compute convolutions and matrix products. */
public enum Provider {
  /** For each shape those that are the faster by measurement; ours where nothing was measured. */
  AUTO,
  /** Our own. */
  OURS,
  /** Those of cuDNN and cuBLASLt wherever they can, ours for the rest. */
  CUDNN;

  /** Returns the provider of that name, or refuses with those that there are. */
  public static Provider named(String name) {
    for (Provider provider : values()) {
      if (provider.name().equalsIgnoreCase(name)) {
        return provider;
      }
    }
    throw new IllegalArgumentException(
        "there is no provider \"" + name + "\"; use --provider auto, ours or cudnn");
  }
}
