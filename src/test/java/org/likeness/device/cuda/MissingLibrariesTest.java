package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.likeness.ffi.Availability;
import org.likeness.ffi.Availability.Absent;
import org.likeness.ffi.Availability.Available;
import org.likeness.ffi.Availability.Broken;
import org.likeness.ffi.Availability.TooOld;

/** Every sentence that a training without libraries begins with. */
class MissingLibrariesTest {
  private static final int CUDA_12 = 12_040;
  private static final int CUDA_13 = 13_000;
  private static final Availability<String> THERE = new Available<>("there");
  private static final Availability<String> NOWHERE = new Absent<>("it", List.of("here", "there"));

  private static String advice(Availability<?> cudnn, Availability<?> cublasLt, int driver) {
    return MissingLibraries.advice(cudnn, cublasLt, driver).orElse("");
  }

  @Test
  void nothingIsSaidWhereBothAreThere() {
    assertEquals(Optional.empty(), MissingLibraries.advice(THERE, THERE, CUDA_12));
  }

  @Test
  void whatIsAbsentIsToBeInstalledForTheDriversCuda() {
    assertEquals(
        "cuDNN 9 and cuBLASLt were not found, so our own kernels compute everything, which may be"
            + " slower; pip install nvidia-cudnn-cu12 nvidia-cublas-cu12",
        advice(NOWHERE, NOWHERE, CUDA_12));
    assertEquals(
        "cuDNN 9 and cuBLASLt were not found, so our own kernels compute everything, which may be"
            + " slower; pip install nvidia-cudnn-cu13 nvidia-cublas",
        advice(NOWHERE, NOWHERE, CUDA_13));
    assertEquals(
        "cuDNN 9 was not found, so our own kernels compute convolutions, which may be slower; pip"
            + " install nvidia-cudnn-cu12",
        advice(NOWHERE, THERE, CUDA_12));
    assertEquals(
        "cuBLASLt was not found, so our own kernels compute dense layers, which may be slower; pip"
            + " install nvidia-cublas-cu12",
        advice(THERE, NOWHERE, CUDA_12));
  }

  @Test
  void whatIsThereAndCannotBeUsedSaysWhy() {
    assertEquals(
        "libcudnn.so.9 is too old, it lacks cudnnBackendExecute; install a newer one; until then"
            + " our own kernels compute convolutions, which may be slower",
        advice(new TooOld<>("libcudnn.so.9", List.of("cudnnBackendExecute")), THERE, CUDA_12));
    assertEquals(
        "libcudnn.so.9 cannot be used: it is for CUDA 13.0 and the driver for CUDA 12.4; install a"
            + " newer driver, or the library for CUDA 12; until then our own kernels compute"
            + " convolutions, which may be slower; cuBLASLt was not found, so our own kernels"
            + " compute dense layers, which may be slower; pip install nvidia-cublas-cu12",
        advice(
            new Broken<>(
                "libcudnn.so.9",
                "it is for CUDA 13.0 and the driver for CUDA 12.4; install a newer driver, or the"
                    + " library for CUDA 12"),
            NOWHERE,
            CUDA_12));
  }
}
