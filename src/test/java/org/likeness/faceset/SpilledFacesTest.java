package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpilledFacesTest {
  private static final SampleSettings SETTINGS =
      new SampleSettings(64, FaceType.WHOLE_FACE, true, true, Dialect.OG, true);

  @TempDir Path folder;

  private final AtomicInteger prepared = new AtomicInteger();

  private PreparedFace counted(Face face) throws IOException {
    prepared.incrementAndGet();
    return PreparedFace.of(face, SETTINGS);
  }

  private void assertTwoEpochs(Path spill, int preparations) throws IOException {
    Faceset faceset = Faceset.load(TestFaces.path("src"));
    PreparedFaces faces = new PreparedFaces(faceset.faces(), this::counted, 0, spill);
    int n = faceset.faces().size();
    for (int i = 0; i < 2 * n; i++) {
      PreparedFace expected = PreparedFace.of(faceset.faces().get(i % n), SETTINGS);
      PreparedFace actual = faces.get(i % n);
      assertArrayEquals(expected.image().values(), actual.image().values(), "face " + i);
      assertArrayEquals(expected.mask().values(), actual.mask().values(), "face " + i);
      assertArrayEquals(expected.em().values(), actual.em().values(), "face " + i);
    }
    assertEquals(preparations * n, prepared.get());
  }

  @Test
  void facesThatDoNotFitOnTheHeapComeBackFromAFile() throws IOException {
    assertTwoEpochs(folder, 1);
  }

  @Test
  void withoutPlaceForTheFileEveryFaceIsPreparedAgain() throws IOException {
    assertTwoEpochs(folder.resolve("missing"), 2);
  }
}
