package org.likeness.format;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Whatever the bytes, only the declared exception escapes. Runs its seeds; JAZZER_FUZZ=1 searches.
 */
class FormatFuzzTest {
  @FuzzTest(maxDuration = "60s")
  void pickleRefusesOrReads(byte[] bytes) {
    try {
      Pickle.read(bytes);
    } catch (FormatException refused) {
      // what it is for
    }
  }

  @FuzzTest(maxDuration = "60s")
  void safetensorsRefusesOrReads(byte[] bytes) throws IOException {
    Path path = Files.createTempFile("fuzz", ".safetensors");
    try (SafetensorsFile file = SafetensorsFile.open(Files.write(path, bytes))) {
      file.tensors().values().forEach(SafetensorsTensor::doubles);
    } catch (FormatException refused) {
      // what it is for
    } finally {
      Files.delete(path);
    }
  }
}
