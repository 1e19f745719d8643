package org.likeness.device.cuda;

/** Whose kernels compute convolutions and matrix products. */
public enum Provider {
  /** For each shape those that are the faster by measurement; ours where nothing was measured. */
  AUTO,
  /** Our own. */
  OURS,
  /** Those of cuDNN and cuBLASLt wherever they can, ours for the rest. */
  CUDNN
}
