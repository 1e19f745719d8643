package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.faceset.FaceCache;

/** What is refused before its first step leaves the disk as it was. */
class RefusalTest {
  @TempDir Path dir;
  private Path faces;
  private Path session;

  @BeforeEach
  void faces() {
    faces = AlignedFaces.folder(dir.resolve("faces"), AlignedFaces.GOOD.subList(0, 2));
    session = dir.resolve("new/sessions/swap");
  }

  private Trainer.Request request(String... more) {
    Map<String, String> options = new TreeMap<>();
    options.put("archi", "df-ud");
    options.put("resolution", "64");
    for (String dims : List.of("ae_dims", "e_dims", "d_dims", "d_mask_dims")) {
      options.put(dims, dims.startsWith("ae") ? "32" : "16");
    }
    options.put("batch_size", "2");
    options.put("target_iter", "1");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return new Trainer.Request(faces, faces, session, options, "cpu", null)
        .caching(FaceCache.Place.in(dir.resolve("cache"), 1 << 30));
  }

  private List<String> tree() throws IOException {
    try (Stream<Path> files = Files.walk(dir)) {
      return files.map(Path::toString).sorted().toList();
    }
  }

  private String refusal(Trainer.Request request) throws IOException {
    List<String> before = tree();
    Exception refusal =
        assertThrows(
            Exception.class,
            () -> Trainer.train(request, new PrintStream(OutputStream.nullOutputStream()), false));
    assertEquals(before, tree(), "nothing is left of a refused run");
    return refusal.getMessage();
  }

  @Test
  void aBudgetThatIsTooSmall() throws IOException {
    String refusal = refusal(request().within(10 << 20));
    assertTrue(refusal.startsWith("the session needs 0.0"), refusal);
  }

  @Test
  void aBudgetThatIsTooSmallForAFolderWithOptionsInIt() throws IOException {
    Files.createDirectories(session);
    Files.writeString(session.resolve("config.yaml"), "lr: 0.0001\n");
    String refusal = refusal(request().within(10 << 20));
    assertTrue(refusal.startsWith("the session needs 0.0"), refusal);
  }

  @Test
  void anOptionOutOfRange() throws IOException {
    assertEquals(
        "batch_size 0 is not allowed: use a whole number from 1 to 1024",
        refusal(request("batch_size", "0")));
  }

  @Test
  void optionsThatDoNotFitEachOther() throws IOException {
    assertEquals(
        "resolution 80 does not divide: df-ud needs a multiple of 32; use 64 or 96",
        refusal(request("resolution", "80")));
  }

  @Test
  void aLayerThatIsNotThere() throws IOException {
    String refusal = refusal(request("recompute", "moon"));
    assertTrue(refusal.startsWith("recompute: there is no block moon; there are "), refusal);
  }

  @Test
  void aDeviceThatIsNotThere() throws IOException {
    Trainer.Request given = request();
    Trainer.Request other =
        new Trainer.Request(faces, faces, session, given.options(), "moon", null);
    assertEquals(
        "there is no device \"moon\"; use --device auto, cpu, cuda or cuda:1", refusal(other));
  }

  @Test
  void facesThatCannotBeUsed() throws IOException {
    Path bad = AlignedFaces.folder(dir.resolve("bad"), List.of("no_metadata.jpg"));
    Trainer.Request other =
        new Trainer.Request(faces, bad, session, request().options(), "cpu", null);
    assertEquals(
        ("%s holds no usable face: all 1 pictures were skipped, the first, no_metadata.jpg, because"
                + " it has no metadata: it is not an aligned face of DeepFaceLab; give the"
                + " 'aligned' folder that DeepFaceLab's extractor wrote.")
            .formatted(bad),
        refusal(other));
  }

  @Test
  void facesThatVanishBeforeTheFirstStep() throws IOException {
    Facesets facesets = Facesets.load(faces, faces, null);
    AlignedFaces.GOOD.subList(0, 2).forEach(name -> assertTrue(delete(faces.resolve(name))));
    Trainer trainer =
        new Trainer(
            request(),
            (now, first) -> FacesetBatches.open(facesets, now, first),
            new PrintStream(OutputStream.nullOutputStream()),
            false);
    String refusal = assertThrows(IOException.class, trainer::run).getMessage();
    assertTrue(refusal.endsWith(" cannot be read: it is gone; restore or remove it."), refusal);
    assertFalse(Files.exists(dir.resolve("new")));
  }

  private static boolean delete(Path file) {
    return file.toFile().delete();
  }

  @Test
  void aSessionThatWasBegunStays() throws IOException {
    PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    Trainer.train(request(), nowhere, false);
    String refusal = refusal(request("target_iter", "2").within(10 << 20));
    assertTrue(refusal.startsWith("the session needs 0.0"), refusal);
    assertTrue(Files.exists(session.resolve("checkpoints/1/manifest.json")));
  }
}
