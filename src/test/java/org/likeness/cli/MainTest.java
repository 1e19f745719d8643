package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.saehd.SaehdOptions;

class MainTest {
  @TempDir Path dir;

  @Test
  void helpNamesTheFirstCommandToTry() {
    CommandLineRun run = CommandLineRun.of("--help");
    assertEquals(0, run.status());
    assertTrue(run.out().contains("likeness demo"), run.out());
  }

  @Test
  void aMisspeltCommandIsAUsageError() {
    CommandLineRun run = CommandLineRun.of("inspekt");
    assertEquals(2, run.status());
    assertEquals("", run.out());
    assertTrue(run.err().contains("Unmatched argument at index 0: 'inspekt'"), run.err());
    assertTrue(run.err().contains("inspect"), run.err());
  }

  @Test
  void aMissingOptionIsAUsageErrorInTwoLines() {
    CommandLineRun run = CommandLineRun.of("inspect");
    assertEquals(2, run.status());
    assertEquals(
        """
        likeness: Missing required option: '--session=DIR' or '--graph=GRAPH'
        See: likeness inspect --help
        """,
        run.err());
  }

  @Test
  void inspectPrintsAGraphAndItsMemory() {
    CommandLineRun run =
        CommandLineRun.of("inspect", "--graph", "swap", "--archi", "df-ud", "--resolution", "64");
    assertEquals(0, run.status(), run.err());
    assertTrue(run.out().startsWith("parameter %encoder/down1/downs_0/conv1/weight:0 "), run.out());
    assertTrue(run.out().contains("\npool activations "), run.out());
    assertTrue(run.out().endsWith(" parameters\n"), run.out());
    assertEquals(2, CommandLineRun.of("inspect", "--graph", "loss").status());
  }

  @Test
  void aFolderWithoutASessionIsRefused() {
    Path none = dir.resolve("none");
    CommandLineRun run = CommandLineRun.of("inspect", "--session", none);
    assertEquals(1, run.status());
    assertEquals(
        "likeness: there is no session in %s; make one with: likeness train --session %s%n"
            .formatted(none, none)
            .replace(System.lineSeparator(), "\n"),
        run.err());
  }

  @Test
  void foreseenFailuresAreOneSentence() {
    assertReported(1, "there is no a.jpg", new NoSuchFileException("a.jpg"));
    assertReported(
        1, "b may not be read or written; check its permissions", new AccessDeniedException("b"));
    assertReported(1, "why", new IOException("why"));
    Exception option = assertThrows(Exception.class, () -> SaehdOptions.of(Map.of("lr", "2")));
    assertReported(2, "lr 2 is not allowed: use a number from 0 to 1", option);
  }

  @Test
  void unforeseenFailuresLeaveALogAndNoTrace() throws Exception {
    String err = report(1, new NullPointerException("x"));
    String start =
        "likeness: something unexpected happened (java.lang.NullPointerException: x); please report"
            + " it, with the details in ";
    assertTrue(err.startsWith(start), err);
    assertFalse(err.contains("\tat "), err);
    Path log = Path.of(err.substring(start.length()).strip());
    assertTrue(Files.readString(log).contains("MainTest"));
    Files.delete(log);
  }

  private static void assertReported(int status, String sentence, Throwable failure) {
    assertEquals("likeness: " + sentence, report(status, failure).strip());
  }

  private static String report(int status, Throwable failure) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream err = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    assertEquals(status, Failures.report(failure, err));
    return bytes.toString(StandardCharsets.UTF_8);
  }
}
