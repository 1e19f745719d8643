package org.likeness.device.cuda;

import org.likeness.device.cpu.CpuDevice;

/** The CUDA device on softcuda, and the processor as its oracle. */
record DevicePair(CudaDevice cuda, CpuDevice oracle) implements AutoCloseable {
  static DevicePair open() {
    return new DevicePair(SoftDevice.open(), new CpuDevice());
  }

  @Override
  public void close() {
    cuda.close();
    oracle.close();
  }
}
