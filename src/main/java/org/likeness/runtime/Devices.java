package org.likeness.runtime;

import org.likeness.device.Device;
import org.likeness.device.cpu.CpuDevice;

/** The devices of this machine. */
public final class Devices {
  private Devices() {}

  /**
   * Opens a device.
   *
   * @param name "auto" for the best there is, or "cpu"
   * @throws IllegalArgumentException when there is no device of this name
   */
  public static Device open(String name) {
    return switch (name) {
      case "auto", "cpu" -> new CpuDevice();
      default ->
          throw new IllegalArgumentException(
              "there is no device \"" + name + "\"; use --device cpu or --device auto");
    };
  }
}
