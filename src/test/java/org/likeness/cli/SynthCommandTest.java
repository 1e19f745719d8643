package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.Faceset;

class SynthCommandTest {
  @TempDir Path dir;

  private CommandLineRun synth(Object... more) {
    Object[] args = new Object[more.length + 5];
    args[0] = "synth";
    args[1] = "--size";
    args[2] = 64;
    args[3] = "--count";
    args[4] = 2;
    System.arraycopy(more, 0, args, 5, more.length);
    return CommandLineRun.of(args);
  }

  @Test
  void rendersFacesThatTrainReads() throws Exception {
    Path folder = dir.resolve("ruth");
    CommandLineRun run = synth("--person", "ruth", "--output", folder, "--face-type", "f");
    assertEquals(0, run.status(), run.err());
    assertEquals("2 faces of ruth in " + folder + "\n", run.out());
    Faceset faceset = Faceset.load(folder);
    assertEquals(2, faceset.faces().size());
    assertEquals(64, faceset.faces().getFirst().width());
    assertEquals(FaceType.FULL, faceset.faces().getFirst().metadata().type());
    CommandLineRun again = synth("--person", "ruth", "--output", folder);
    assertEquals(1, again.status());
    assertEquals(
        "likeness: "
            + folder
            + " already holds pictures: choose an empty folder or remove them first.\n",
        again.err());
  }

  @Test
  void writesAnswersBesideFaces() {
    Path folder = dir.resolve("answers");
    CommandLineRun run =
        synth("--person", "7", "--truth", "ruth", "--output", folder, "--poses", "easy");
    assertEquals(0, run.status(), run.err());
    assertTrue(Files.exists(folder.resolve("dst/00001_0.jpg")));
    assertTrue(Files.exists(folder.resolve("truth/00001_0.png")));
    assertTrue(Files.exists(folder.resolve("truth/00001_0_mask.png")));
  }

  @Test
  void wrongWordsAreRefusedWithTheRightOnes() {
    Path folder = dir.resolve("x");
    CommandLineRun person = synth("--person", "bob", "--output", folder);
    assertEquals(1, person.status());
    assertEquals(
        "likeness: there is no person 'bob': choose one of ruth, omar, mei, otto, nia, leo, ines,"
            + " kofi\n",
        person.err());
    CommandLineRun type = synth("--person", "leo", "--output", folder, "--face-type", "x");
    assertEquals(2, type.status());
    assertEquals(
        "likeness: --face-type x is not allowed: use one of h, mf, f, wf, head\n", type.err());
    assertEquals(2, synth("--person", "leo", "--output", folder, "--poses", "hard").status());
    assertTrue(Files.notExists(folder));
  }
}
