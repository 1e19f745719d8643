package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.saehd.OptionKind;
import org.likeness.saehd.OptionRanges;

/** Values out of range on the command line and in files: one sentence, status 2, nothing made. */
class OptionRefusalTest {
  @TempDir Path dir;

  private void assertRefused(String message, Object... more) {
    Path session = dir.resolve("session");
    Object[] args = {"train", "--src", "x", "--dst", "y", "--session", session, "--no-ask"};
    CommandLineRun run = CommandLineRun.of(Stream.of(args, more).flatMap(Arrays::stream).toArray());
    assertEquals("likeness: " + message + "\n", run.err());
    assertEquals("", run.out());
    assertEquals(2, run.status());
    assertFalse(Files.exists(session), "nothing is made");
  }

  static Stream<OptionRanges.Refusal> flagsWithValues() {
    return OptionRanges.refusals().filter(r -> !(r.option().kind() instanceof OptionKind.Flag));
  }

  @ParameterizedTest
  @MethodSource("flagsWithValues")
  void aFlagOutOfRange(OptionRanges.Refusal refusal) {
    assertRefused(refusal.message(), refusal.option().flag() + "=" + refusal.value());
  }

  @ParameterizedTest
  @MethodSource("org.likeness.saehd.OptionRanges#refusals")
  void aLineOfAFileOutOfRange(OptionRanges.Refusal refusal) throws IOException {
    Path config = dir.resolve("options.yaml");
    Files.writeString(config, refusal.option().name() + ": '" + refusal.value() + "'\n");
    assertRefused(config + ": " + refusal.message(), "--config", config);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --random-warp=maybe | option '--random-warp' should be specified without 'maybe' parameter
          --no-random-warp=on | option '--random-warp' should be specified without 'on' parameter
          --vram=moon | Invalid value for option '--vram': moon is no size; write 8GiB, 12.5GB or 900MiB
          --cache-size=10 | Invalid value for option '--cache-size': 10 is no size; write 8GiB, 12.5GB or 900MiB
          --cache-size=-1GiB | Invalid value for option '--cache-size': -1GiB is no size; write 8GiB, 12.5GB or 900MiB
          --profile=-1 | --profile -1 is negative; give the iterations to record
          --profile=two | Invalid value for option '--profile': two is no whole number
          --profile=2147483648 | Invalid value for option '--profile': 2147483648 is no whole number
          --batch-size | Missing required parameter for option '--batch-size' (N)
          """)
  void aWordThatIsNoValue(String flag, String message) {
    assertRefused(message + "\nSee: likeness train --help", flag);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          demo --faces 0 | --faces 0 is not allowed: use 1 or more
          demo --iterations -5 | --iterations -5 is not allowed: use 1 or more
          demo --minutes 0 | --minutes 0 is not allowed: use 1 or more
          demo --minutes x | Invalid value for option '--minutes': x is no whole number
          bench data --faceset x --seconds 0 | --seconds 0.0 is not allowed: use a number from 0 to 3600
          bench data --faceset x --seconds NaN | --seconds NaN is not allowed: use a number from 0 to 3600
          bench data --faceset x --seconds s | Invalid value for option '--seconds': s is no number
          bench data --faceset x --face-type moon | --face-type moon is not allowed: use h, mf, f, wf, head or custom
          bench data --faceset x --ct-mode moon | --ct-mode moon is not allowed: use none, rct, lct, mkl, idt, sot, fs-aug or cc-aug
          synth --person ruth --output x --seed s | Invalid value for option '--seed': s is no whole number
          """)
  void anOptionOfAnotherCommandOutOfRange(String args, String message) {
    CommandLineRun run = CommandLineRun.of((Object[]) args.split(" "));
    assertEquals("likeness: " + message, run.err().lines().findFirst().orElseThrow());
    assertEquals("", run.out());
    assertEquals(2, run.status());
  }
}
