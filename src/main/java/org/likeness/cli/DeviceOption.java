package org.likeness.cli;

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
          "Measure again which tiling of each convolution this GPU computes fastest (by default"
              + " once, when a shape is new).")
  private boolean tune;

  /** Returns what was asked for. */
  String name() {
    if (tune) {
      System.setProperty(Devices.TUNING, "again");
    }
    return name;
  }
}
