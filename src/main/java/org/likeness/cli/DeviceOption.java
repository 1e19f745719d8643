package org.likeness.cli;

import org.likeness.device.cuda.Provider;
import org.likeness.runtime.Devices;
import picocli.CommandLine.Option;

/** The options that choose the device, of every command that computes. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description =
          "auto, cpu, cuda or cuda:N (the NVIDIA GPU number N); default auto, the first GPU that"
              + " can be used, else the processor. \"likeness doctor\" says what there is.")
  private String name;

  @Option(
      names = "--tune",
      description =
          "Measure again how this GPU computes each convolution fastest (by default once, when a"
              + " shape or a library is new).")
  private boolean tune;

  @Option(
      names = "--provider",
      paramLabel = "PROVIDER",
      description =
          "Whose kernels compute convolutions and matrix products on a GPU: auto, for each shape"
              + " the faster by measurement; ours; or cudnn, those of cuDNN 9 and cuBLASLt wherever"
              + " they can. Default auto. Missing libraries only make it slower:"
              + " \"likeness doctor\" says what was found and what to install.")
  private String provider;

  /** Returns what was asked for. */
  String name() {
    if (provider != null) {
      System.setProperty(Devices.PROVIDER, Provider.named(provider).name());
    }
    if (tune) {
      System.setProperty(Devices.TUNING, "again");
    }
    return name;
  }
}
