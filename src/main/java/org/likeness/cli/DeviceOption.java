package org.likeness.cli;

import picocli.CommandLine.Option;

/** The option {@code --device} of every command that computes. */
final class DeviceOption {
  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description =
          "auto, cpu, cuda or cuda:N (the NVIDIA GPU number N); default auto, the first GPU that"
              + " can be used, else the processor. \"likeness doctor\" says what there is.")
  private String name;

  /** Returns what was asked for. */
  String name() {
    return name;
  }
}
