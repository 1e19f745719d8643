package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.likeness.device.Device;
import org.likeness.runtime.Devices;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/** What the doctor says of cuDNN and cuBLASLt, and what a training begins with. */
@OnSoftCudnn
class DoctorOnSoftCudnnTest {
  private static final String PROPERTY = "likeness.cudnn";
  private static final String UNTIL = "; until then our own kernels compute convolutions, which";

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;

  DoctorOnSoftCudnnTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  @BeforeEach
  void begin() {
    softCuda.reset();
    softCudnn.reset();
  }

  @AfterEach
  void end() {
    System.setProperty(PROPERTY, softCudnn.library().toString());
    assertEquals("", softCudnn.liveObjects());
    assertEquals("", softCuda.liveObjects());
  }

  private static void doctorSays(String text) {
    CommandLineRun run = CommandLineRun.of("doctor");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains(text), run.out());
  }

  private static String advice() {
    try (Device device = Devices.open("cuda")) {
      return device.advice().orElse("");
    }
  }

  @Test
  void whatIsFoundIsShownWithItsVersions() {
    doctorSays(
        """
        cuDNN 9        %s: 9.28.0, for CUDA 12.4
        cuBLASLt       %s: 12.4.5, for CUDA 12.4
        """
            .formatted(softCudnn.library(), softCudnn.cublasLt()));
    assertEquals("", advice());
  }

  @Test
  void aCudnn8IsTooOld() {
    softCudnn.reset("version=8907");
    String refusal = softCudnn.library() + " cannot be used: it is cuDNN 8.9.7; install cuDNN 9";
    doctorSays("cuDNN 9        " + refusal + "\n");
    doctorSays("without it our own kernels compute convolutions: pip install nvidia-cudnn-cu12,");
    assertEquals(refusal + UNTIL + " may be slower", advice());
  }

  /** The driver's library stands for a cuDNN that lacks a function. */
  @Test
  void oneThatLacksFunctionsIsTooOld() {
    Path file = softCuda.library();
    System.setProperty(PROPERTY, file.toString());
    String refusal =
        file + " is too old, it lacks cudnnGetVersion, cudnnGetCudartVersion; install a newer one";
    doctorSays("cuDNN 9        " + refusal + "\n");
    assertEquals(refusal + UNTIL + " may be slower", advice());
  }

  @Test
  void librariesForANewerCudaThanTheDriversAreRefused() {
    softCudnn.reset("cudart=13000");
    String why =
        " cannot be used: it is for CUDA 13.0 and the driver for CUDA 12.4; install a newer"
            + " driver, or the library for CUDA 12";
    doctorSays("cuDNN 9        " + softCudnn.library() + why + "\n");
    doctorSays("cuBLASLt       " + softCudnn.cublasLt() + why + "\n");
    assertEquals(
        softCudnn.library()
            + why
            + UNTIL
            + " may be slower; "
            + softCudnn.cublasLt()
            + why
            + "; until then our own kernels compute dense layers, which may be slower",
        advice());
  }

  @Test
  void whoeverAsksForOursIsNotAdvised() {
    softCudnn.reset("version=8907");
    System.setProperty(Devices.PROVIDER, "ours");
    try {
      assertEquals("", advice());
    } finally {
      System.clearProperty(Devices.PROVIDER);
    }
  }

  @Test
  void aProviderThatThereIsNotIsRefused() {
    CommandLineRun run = CommandLineRun.of("verify", "--provider", "theirs", "none.safetensors");
    assertTrue(
        run.err().contains("there is no provider \"theirs\"; use --provider auto, ours or cudnn"),
        run.err());
  }
}
