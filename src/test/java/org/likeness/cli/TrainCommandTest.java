package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.train.AlignedFaces;

/** What {@code train} refuses: one sentence, a status other than 0, and nothing made. */
class TrainCommandTest {
  private static final String REMEDY =
      "give the 'aligned' folder that DeepFaceLab's extractor wrote.";

  @TempDir Path dir;
  private Path good;
  private Path session;

  @BeforeEach
  void faces() {
    good = folder("good", "ok_protocol3.jpg", "ok_numpy2_names.jpg");
    session = dir.resolve("session");
  }

  private Path folder(String name, String... faces) {
    return AlignedFaces.folder(dir.resolve(name), List.of(faces));
  }

  private void assertRefused(int status, String sentence, Object... more) {
    Object[] args = new Object[more.length + 3];
    args[0] = "train";
    args[1] = "--session";
    args[2] = session;
    System.arraycopy(more, 0, args, 3, more.length);
    CommandLineRun run = CommandLineRun.of(args);
    assertEquals("likeness: " + sentence + "\n", run.err());
    assertEquals(status, run.status());
    assertFalse(Files.exists(session), "nothing is made");
  }

  @Test
  void anEmptyFolderIsRefused() {
    Path empty = folder("empty");
    assertRefused(1, empty + " holds no pictures; " + REMEDY, "--src", empty, "--dst", good);
  }

  @Test
  void aMissingFolderIsRefused() {
    Path none = dir.resolve("none");
    assertRefused(1, none + " does not exist; " + REMEDY, "--src", good, "--dst", none);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no_metadata.jpg | has no metadata: it is not an aligned face of DeepFaceLab
          truncated_half.jpg | is cut off: it ends before its picture does
          hostile_pickle.jpg | has metadata that cannot be read: their pickle refers to posix.system, which no DeepFaceLab file needs
          garbage.jpg | is not a JPG
          """)
  void aFolderWithoutAUsableFaceIsRefused(String face, String reason) {
    Path bad = folder("bad", face);
    assertRefused(
        1,
        "%s holds no usable face: all 1 pictures were skipped, the first, %s, because it %s; %s"
            .formatted(bad, face, reason, REMEDY),
        "--src",
        bad,
        "--dst",
        good);
  }

  @Test
  void optionsAreRefusedBeforeAnythingIsOpened() {
    assertRefused(
        2,
        "resolution 100 does not divide: df-ud needs a multiple of 32; use 96 or 128",
        "--src",
        "x",
        "--dst",
        "y",
        "--archi",
        "df-ud",
        "--resolution",
        "100");
    assertRefused(
        2,
        "archi df-ux is not allowed: use df or liae, alone or with a dash and any of the letters u,"
            + " d, t, c, each once (liae-udt)",
        "--src",
        "x",
        "--dst",
        "y",
        "--archi",
        "df-ux");
    assertRefused(
        2,
        "gan_power is not supported yet: leave it out or set it to 0",
        "--src",
        "x",
        "--dst",
        "y",
        "--gan-power",
        "0.1");
  }

  @Test
  void anOptionsFileIsRefusedWithTheNearestName() throws IOException {
    Path config = Files.writeString(dir.resolve("o.yaml"), "batchsize: 8\n");
    assertRefused(
        2,
        "there is no option batchsize; did you mean batch_size?",
        "--src",
        "x",
        "--dst",
        "y",
        "--config",
        config);
  }
}
