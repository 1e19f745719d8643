package org.likeness.faceset;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.likeness.format.FormatException;
import org.likeness.format.Pickle;

/**
 * Whatever the bytes, only the declared exceptions escape. Runs its seeds; with JAZZER_FUZZ=1 one
 * of them, run alone, searches for ten minutes.
 */
class FacesetFuzzTest {
  private static final int SIDE = 256;

  @FuzzTest(maxDuration = "10m")
  void metadataAreReadOrRefused(byte[] bytes) {
    try {
      FaceMetadata.read(Pickle.read(bytes), SIDE, SIDE);
    } catch (FormatException refused) {
      // what it is for
    }
  }

  @FuzzTest(maxDuration = "10m")
  void aJpgIsReadOrRefused(byte[] bytes) {
    try {
      AlignedJpg.contents(bytes);
    } catch (FormatException refused) {
      // what it is for
    }
  }

  @FuzzTest(maxDuration = "10m")
  void aPakIsReadOrRefused(byte[] bytes) {
    Path folder = Path.of("fuzz");
    try {
      Pak.of(folder, folder.resolve("faceset.pak"), MemorySegment.ofArray(bytes));
    } catch (FacesetException refused) {
      // what it is for
    }
  }

  @Property(tries = 500)
  void aDamagedJpgIsReadOrRefused(
      @ForAll @Size(8) int[] places,
      @ForAll @Size(8) byte[] values,
      @ForAll @IntRange(max = 4200) int span)
      throws IOException {
    byte[] file = Files.readAllBytes(TestFaces.path("src/00000_0.jpg"));
    for (int i = 0; i < places.length; i++) {
      file[Math.floorMod(places[i], span + 1)] = values[i];
    }
    aJpgIsReadOrRefused(file);
  }

  @Property(tries = 200)
  void aDamagedPakIsReadOrRefused(@ForAll @Size(4) int[] places, @ForAll @Size(4) byte[] values)
      throws IOException {
    byte[] file = Files.readAllBytes(TestFaces.path("pak/faceset.pak"));
    for (int i = 0; i < places.length; i++) {
      file[Math.floorMod(places[i], 26_000)] = values[i];
    }
    aPakIsReadOrRefused(file);
  }
}
