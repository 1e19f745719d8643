package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;
import org.likeness.runtime.Devices;
import org.likeness.testing.CCompiler;
import org.likeness.testing.OnSoftCuda;

/** {@code train --profile} on the CUDA device. */
@OnSoftCuda
class CudaProfileTest {
  private static final String NVTX = "likeness.nvtx";

  /** Remembers the ranges that begin, and counts those that are open. */
  private static final String FAKE =
      """
      #include <string.h>
      static char text[1 << 20];
      static int depth;
      int nvtxRangePushA(const char *name) { strcat(text, name); strcat(text, "\\n"); return depth++; }
      int nvtxRangePop(void) { return --depth; }
      const char *seen(void) { return depth == 0 ? text : "a range is open"; }
      """;

  @TempDir Path dir;
  private Path fake;

  @BeforeEach
  void fakeNvtx() throws Exception {
    System.setProperty(Devices.TUNING, "never");
    fake = CCompiler.library(dir, "libnvtx-fake.so", FAKE);
    System.setProperty(NVTX, fake.toString());
  }

  @AfterEach
  void asUsual() {
    System.clearProperty(Devices.TUNING);
    System.clearProperty(NVTX);
  }

  private Profile train(String session, int profile) throws IOException {
    Path faces = dir.resolve("faces");
    if (!Files.exists(faces)) {
      AlignedFaces.folder(faces, AlignedFaces.GOOD);
    }
    Map<String, String> options = new TreeMap<>();
    options.put("archi", "df-ud");
    options.put("resolution", "64");
    for (String dims : List.of("ae_dims", "e_dims", "d_dims", "d_mask_dims")) {
      options.put(dims, dims.startsWith("ae") ? "32" : "16");
    }
    options.put("batch_size", "2");
    options.put("preview_every", "0");
    options.put("target_iter", "3");
    Trainer.Request request =
        new Trainer.Request(faces, faces, dir.resolve(session), options, "cuda", null);
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    return Trainer.train(request.profiling(profile), nowhere, false).profile();
  }

  @Test
  void theWeightsAreTheSameAndEveryLayerIsARange() throws Throwable {
    train("plain", 0);
    Profile profile = train("profiled", 1);
    for (String file : List.of("encoder", "inter", "decoder_src", "src_dst_opt")) {
      assertArrayEquals(weights("plain", file), weights("profiled", file), file);
    }
    assertEquals(3, profile.first());
    MethodHandle call = C.function(C.POINTER);
    MemorySegment seen = NativeLibrary.open(fake).orThrow().find("seen").orElseThrow();
    List<String> ranges = C.string((MemorySegment) call.invokeExact(seen)).lines().toList();
    assertTrue(ranges.contains("encoder/down1/downs_0/act conv2d"), ranges.toString());
    assertTrue(
        ranges.contains("d/encoder/down1/downs_0/conv1/weight:0 conv2dWgrad")
            || ranges.contains("d/encoder/down1/downs_0/conv1/weight:0#2 conv2dWgrad"),
        ranges.toString());
    long timed =
        java.util.Arrays.stream(profile.steps().getFirst().nanos()).filter(n -> n > 0).count();
    assertTrue(timed > 0.9 * ranges.size(), timed + " of " + ranges.size() + " ranges have a time");
    assertEquals(profile.plannedBytes(), profile.measuredBytes());
    profile.values().forEach(v -> assertTrue(Float.isFinite(v.deviation()), v.toString()));
  }

  private byte[] weights(String session, String file) throws IOException {
    Path folder = dir.resolve(session).resolve("checkpoints/3");
    return Files.readAllBytes(folder.resolve(file + ".safetensors"));
  }
}
