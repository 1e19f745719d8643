package org.likeness.testing;

import java.nio.file.Path;
import java.util.List;
import org.likeness.ffi.Availability;

/**
 * cuDNN and cuBLASLt for tests, which check every descriptor and compute plainly on softcuda's
 * device: built once per checkout, opened once per process, with their controls ({@code
 * src/test/native/softcudnn/softcudnn.h}).
 */
public final class SoftCudnn {
  private static final String CUDNN = "libcudnn.so.9";
  private static final String CUBLASLT = "libcublasLt.so.12";

  private static final class Holder {
    static final Availability<SoftCudnn> OPENED = make();
  }

  private final Path folder;
  private final NativeControls cudnn;
  private final NativeControls cublasLt;

  private SoftCudnn(Path folder) {
    this.folder = folder;
    this.cudnn = new NativeControls(library());
    this.cublasLt = new NativeControls(cublasLt());
  }

  /** Builds and opens both, and softcuda first, or says why that cannot be. */
  public static Availability<SoftCudnn> open() {
    return Holder.OPENED;
  }

  private static Availability<SoftCudnn> make() {
    return SoftCuda.open()
        .then(
            softCuda ->
                new NativeBuild(
                        Path.of("src", "test", "native", "softcudnn"),
                        Path.of("target", "softcudnn").toAbsolutePath(),
                        CudaToolkit.headers(),
                        List.of(
                            new NativeBuild.Library(
                                CUDNN, "softcudnn.map", file -> !file.startsWith("cublaslt_")),
                            new NativeBuild.Library(
                                CUBLASLT,
                                "softcublaslt.map",
                                file ->
                                    file.startsWith("cublaslt_") || file.startsWith("common_"))))
                    .build())
        .then(folder -> new Availability.Available<>(new SoftCudnn(folder)));
  }

  /** Returns the file that stands for cuDNN's library. */
  public Path library() {
    return folder.resolve(CUDNN);
  }

  /** Returns the file that stands for cuBLASLt's library. */
  public Path cublasLt() {
    return folder.resolve(CUBLASLT);
  }

  /**
   * Forgets every handle, descriptor and counter of both and starts again with settings such as
   * {@code "version=90200"}; what they may be is listed in softcudnn.h.
   */
  public void reset(String... settings) {
    for (NativeControls each : List.of(cudnn, cublasLt)) {
      String refusal = each.text("softcudnn_reset", String.join("\n", settings));
      if (!refusal.isEmpty()) {
        throw new IllegalArgumentException(refusal);
      }
    }
  }

  /** Lets the n-th call of a function from now fail with a status; 0 takes that back. */
  public void fail(String function, long nth, int status) {
    of(function).run("softcudnn_fail_in", function, nth, status);
  }

  /** Returns the calls of one function since the reset. */
  public long count(String function) {
    return of(function).number("softcudnn_count", function);
  }

  /** Returns why cuDNN last refused a call, or "". */
  public String lastRefusal() {
    return cudnn.text("softcudnn_last_refusal");
  }

  /** Returns why cuBLASLt last refused a call, or "". */
  public String lastCublasLtRefusal() {
    return cublasLt.text("softcudnn_last_refusal");
  }

  /** Returns the handles and descriptors of both that were not destroyed, a line each. */
  public String liveObjects() {
    return cudnn.text("softcudnn_live_objects") + cublasLt.text("softcudnn_live_objects");
  }

  /** Calls a function of either library as C does and returns its status. */
  public int status(String function, Object... arguments) {
    return of(function).status(function, arguments);
  }

  /** Calls a function of either library that returns nothing. */
  public void run(String function, Object... arguments) {
    of(function).run(function, arguments);
  }

  private NativeControls of(String function) {
    return function.startsWith("cublasLt") ? cublasLt : cudnn;
  }
}
