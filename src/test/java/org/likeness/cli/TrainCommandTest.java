package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
        "src_pak_name is not supported yet: leave it out or set it to faceset",
        "--src",
        "x",
        "--dst",
        "y",
        "--src-pak-name",
        "other");
    assertRefused(
        1,
        "pretrain needs faces to begin with: give their folder with --pretraining-data, or turn it"
            + " off with --no-pretrain",
        "--src",
        "x",
        "--dst",
        "y",
        "--pretrain");
  }

  @Test
  void anOptionsFileIsRefusedWithTheNearestName() throws IOException {
    Path config = Files.writeString(dir.resolve("o.yaml"), "batchsize: 8\n");
    assertRefused(
        2,
        config + ": there is no option batchsize; did you mean batch_size?",
        "--src",
        "x",
        "--dst",
        "y",
        "--config",
        config);
  }

  @Test
  void theSessionsOwnFileIsReadAndFlagsComeBeforeIt() throws IOException {
    Files.createDirectories(session);
    Path own = Files.writeString(session.resolve("config.yaml"), "lr: 2e-4\nbatch_size: 3\n");
    CommandLineRun run = train("--batch-size", 2);
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().contains("batch_size 2,"), run.out());
    assertTrue(run.out().contains("lr 2.0E-4,"), run.out());
    Files.writeString(own, "gan_powr: 1\n");
    CommandLineRun wrong = train();
    assertEquals(
        "likeness: " + own + ": there is no option gan_powr; did you mean gan_power?\n",
        wrong.err());
    assertEquals(2, wrong.status());
  }

  @Test
  void aFileInPlaceOfTheSessionIsRefused() throws IOException {
    Files.writeString(session, "precious");
    CommandLineRun run = train();
    assertEquals(1, run.status());
    assertEquals(
        "likeness: cannot open the session: %s is a file, not a folder; choose another name\n"
            .formatted(session),
        run.err());
    assertEquals("precious", Files.readString(session));
  }

  @Test
  void aSessionOfAnotherArchitectureIsRefusedAndUntouched() throws IOException {
    CommandLineRun first = train("--json");
    assertEquals(0, first.status(), first.err());
    assertTrue(first.out().startsWith("{\"session\":"), first.out());
    assertTrue(first.out().contains("\"iteration\":1,\"iterations\":1,"), first.out());
    Path manifest = session.resolve("checkpoints/1/manifest.json");
    byte[] before = Files.readAllBytes(manifest);
    CommandLineRun other = train("--archi", "liae-ud", "--target-iter", 2);
    assertEquals(1, other.status());
    assertEquals(
        "likeness: session %s was started with archi df-ud, not liae-ud; leave --archi out or choose another --session\n"
            .formatted(session),
        other.err());
    assertArrayEquals(before, Files.readAllBytes(manifest));
    assertFalse(Files.exists(session.resolve("checkpoints/2")));
  }

  @Test
  void preparedFacesAreKeptWhereTheUserSays() {
    Path cache = dir.resolve("prepared");
    String line =
        "prepared faces: %d of 2 found in " + cache + ", which holds %d MiB of at most 20 MiB\n";
    assertFalse(train().out().contains("prepared faces"), "--cache none");
    for (int found = 0; found <= 2; found += 2) { // a batch has both
      session = dir.resolve("session" + found);
      CommandLineRun run = train("--cache", cache, "--cache-size", "20MiB", "--batch-size", 2);
      assertTrue(run.out().contains(line.formatted(found, found / 2)), run.out() + run.err());
    }
  }

  /** Trains one iteration of a very small model unless {@code more} says otherwise. */
  private CommandLineRun train(Object... more) {
    List<Object> args = new ArrayList<>(List.of("train", "--src", good, "--dst", good));
    args.addAll(List.of("--session", session, "--resolution", 64));
    if (!List.of(more).contains("--cache")) {
      args.addAll(List.of("--cache", "none"));
    }
    if (!List.of(more).contains("--batch-size")) {
      args.addAll(List.of("--batch-size", 1));
    }
    args.addAll(List.of("--ae-dims", 32, "--e-dims", 16, "--d-dims", 16, "--d-mask-dims", 16));
    if (!List.of(more).contains("--archi")) {
      args.addAll(List.of("--archi", "df-ud", "--target-iter", 1));
    }
    args.addAll(List.of(more));
    return CommandLineRun.of(args.toArray());
  }
}
