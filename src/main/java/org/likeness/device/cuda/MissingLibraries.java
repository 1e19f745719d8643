package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.likeness.ffi.Availability;

/** What a person is told who trains without libraries that could make it faster. */
final class MissingLibraries {
  private static final String SLOWER = ", which may be slower";

  private MissingLibraries() {}

  /** Returns one sentence: what is missing, why, and what to do; empty where nothing is. */
  static Optional<String> advice(
      Availability<?> cudnn, Availability<?> cublasLt, int driverVersion) {
    boolean noCudnn = cudnn instanceof Availability.Absent;
    boolean noCublasLt = cublasLt instanceof Availability.Absent;
    String cudnnPackage = Library.CUDNN.pythonPackage(driverVersion);
    String cublasPackage = Library.CUBLASLT.pythonPackage(driverVersion);
    if (noCudnn && noCublasLt) {
      return Optional.of(
          "cuDNN 9 and cuBLASLt were not found, so our own kernels compute everything"
              + SLOWER
              + "; pip install "
              + cudnnPackage
              + " "
              + cublasPackage);
    }
    List<String> words = new ArrayList<>();
    sentence(cudnn, "cuDNN 9", "convolutions", cudnnPackage).ifPresent(words::add);
    sentence(cublasLt, "cuBLASLt", "dense layers", cublasPackage).ifPresent(words::add);
    return words.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", words));
  }

  private static Optional<String> sentence(
      Availability<?> answer, String name, String work, String pythonPackage) {
    if (answer instanceof Availability.Available) {
      return Optional.empty();
    }
    String ours = "our own kernels compute " + work + SLOWER;
    return Optional.of(
        answer instanceof Availability.Absent
            ? name + " was not found, so " + ours + "; pip install " + pythonPackage
            : answer.message() + "; until then " + ours);
  }
}
