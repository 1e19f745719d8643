package org.likeness.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.likeness.device.Device;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** Devices by name, with GPUs that softcuda claims to have. */
@OnSoftCuda
class DevicesTest {
  private final SoftCuda softCuda = SoftCuda.open().orThrow();

  private static String refusal(String name) {
    return assertThrows(IllegalArgumentException.class, () -> Devices.open(name).close())
        .getMessage();
  }

  @Test
  void opensTheGpuThatIsNamed() {
    softCuda.reset("devices=2");
    try (Device device = Devices.open("cuda:1")) {
      assertEquals("cuda:1", device.name());
    }
    try (Device device = Devices.open("cuda")) {
      assertEquals("cuda:0", device.name());
    }
  }

  @Test
  void namesTheGpusWhenOneIsAskedForThatIsNotThere() {
    softCuda.reset("devices=2");
    assertEquals(
        "there is no cuda:3; this machine has cuda:0 (softcuda, compute capability 8.0, 2.0 GiB)"
            + " and cuda:1 (softcuda, compute capability 8.0, 2.0 GiB)",
        refusal("cuda:3"));
  }

  @Test
  void autoTakesTheFirstGpuThatTheKernelsServeElseTheProcessor() {
    softCuda.reset();
    try (Device device = Devices.open("auto")) {
      assertEquals("cuda:0", device.name());
    }
    softCuda.reset("cc=70");
    try (Device device = Devices.open("auto")) {
      assertEquals("cpu", device.name());
    }
  }

  @Test
  void saysThatACardIsTooOld() {
    softCuda.reset("cc=70");
    assertEquals(
        "cuda:0 (softcuda, compute capability 7.0, 2.0 GiB) is too old; the kernels need compute"
            + " capability 7.5, RTX 20 or newer",
        refusal("cuda"));
  }

  @Test
  void saysWhichDriverThePtxNeeds() {
    softCuda.reset("driver=12020");
    assertEquals(
        "--device cuda: the NVIDIA driver for CUDA 12.2 is too old, it lacks CUDA 12.4, which"
            + " drivers from R550 on have; install a newer one; or use --device cpu",
        refusal("cuda"));
    softCuda.reset();
  }

  @Test
  void refusesOtherNames() {
    assertEquals(
        "there is no device \"gpu\"; use --device auto, cpu, cuda or cuda:1", refusal("gpu"));
  }
}
