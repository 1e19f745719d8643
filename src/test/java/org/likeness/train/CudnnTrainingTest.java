package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.runtime.Devices;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/** Sessions whose convolutions cuDNN computes, and what becomes of them without it. */
@OnSoftCudnn
class CudnnTrainingTest {
  private static final String CUDNN = "likeness.cudnn";

  @TempDir Path dir;
  private final SoftCuda softCuda = SoftCuda.open().orThrow();
  private final SoftCudnn softCudnn = SoftCudnn.open().orThrow();
  private Path src;
  private Path dst;

  @BeforeEach
  void begin() {
    softCudnn.reset();
    System.setProperty(Devices.TUNING, "never");
    System.setProperty(Devices.PROVIDER, "cudnn");
    src = AlignedFaces.folder(dir.resolve("src"), AlignedFaces.GOOD);
    dst = AlignedFaces.folder(dir.resolve("dst"), AlignedFaces.GOOD);
  }

  @AfterEach
  void end() {
    System.clearProperty(Devices.TUNING);
    System.clearProperty(Devices.PROVIDER);
    System.setProperty(CUDNN, softCudnn.library().toString());
    assertEquals("", softCudnn.liveObjects());
    assertEquals("", softCuda.liveObjects());
  }

  /** Trains and returns what was printed. */
  private String train(String session, int iterations) throws IOException {
    Map<String, String> options = new TreeMap<>();
    options.put("archi", "df-ud");
    options.put("resolution", "64");
    options.put("ae_dims", "32");
    for (String dims : new String[] {"e_dims", "d_dims", "d_mask_dims"}) {
      options.put(dims, "16");
    }
    options.put("batch_size", "1");
    options.put("preview_every", "0");
    options.put("target_iter", String.valueOf(iterations));
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    Trainer.train(
        new Trainer.Request(src, dst, dir.resolve(session), options, "cuda", null),
        new PrintStream(printed, true, StandardCharsets.UTF_8),
        false);
    return printed.toString(StandardCharsets.UTF_8);
  }

  /** After an exact resume the files are the same, byte for byte. */
  @Test
  void resumesBitwiseWhateverTheProviderIsNow() throws IOException {
    resumesBitwise(2);
  }

  /** A minute of softcudnn's plain loops. */
  @Tag("slow")
  @Test
  void tenIterationsAndTenMoreAreTwenty() throws IOException {
    resumesBitwise(10);
  }

  private void resumesBitwise(int half) throws IOException {
    train("unbroken", 2 * half);
    train("resumed", half);
    System.setProperty(Devices.PROVIDER, "auto");
    String printed = train("resumed", 2 * half);
    assertTrue(printed.contains("cuDNN 9.28.0, cuBLASLt 12.4.5 and our kernels; planned"), printed);
    assertFalse(printed.contains("since the last save"), printed);
    Path whole = dir.resolve("unbroken/checkpoints/" + 2 * half);
    Path resumed = dir.resolve("resumed/checkpoints/" + 2 * half);
    for (String file : weightFiles(whole)) {
      assertEquals(-1, Files.mismatch(whole.resolve(file), resumed.resolve(file)), file);
    }
  }

  private static List<String> weightFiles(Path checkpoint) throws IOException {
    try (Stream<Path> files = Files.list(checkpoint)) {
      return files
          .map(f -> f.getFileName().toString())
          .filter(f -> f.endsWith(".safetensors"))
          .sorted()
          .toList();
    }
  }

  @Test
  void withoutTheLibraryItTrainsOnAndSaysThatItIsNoLongerBitwiseTheSame() throws IOException {
    train("gone", 1);
    System.setProperty(CUDNN, dir.resolve("libcudnn.so.9").toString());
    String printed = train("gone", 2);
    assertTrue(
        printed.contains(
            "cuDNN 9 was not found, so our own kernels compute convolutions, which may be slower;"
                + " pip install nvidia-cudnn-cu12\n"),
        printed);
    changed(printed, "cuDNN 9.28.0 is not there");
    assertTrue(Files.exists(dir.resolve("gone/checkpoints/2")));
  }

  @Test
  void anotherVersionIsNotTakenForTheSame() throws IOException {
    train("newer", 1);
    softCudnn.reset("version=92900");
    changed(train("newer", 2), "cuDNN was 9.28.0 and is 9.29.0");
  }

  private static void changed(String printed, String why) {
    String line =
        printed
            .lines()
            .filter(l -> l.startsWith("since the last save"))
            .findFirst()
            .orElseThrow(() -> new AssertionError(printed));
    assertTrue(
        line.matches(
            "since the last save this changed: algorithms \\(\\d+ of \\d+ convolutions and"
                + " products; \\Q"
                + why
                + "\\E\\)(, plan)?; from here on the run is not bitwise the one that it would have"
                + " been"),
        line);
  }
}
