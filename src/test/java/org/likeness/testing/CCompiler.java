package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** gcc, for tests that compare with C or need a small library. */
public final class CCompiler {
  private CCompiler() {}

  /** Skips the test where there is no gcc. */
  public static void assumeThere() {
    boolean there;
    try {
      there =
          new ProcessBuilder("gcc", "--version").redirectErrorStream(true).start().waitFor() == 0;
    } catch (IOException e) {
      there = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      there = false;
    }
    assumeTrue(there, "gcc is not there to compile C with");
  }

  /** Returns a C source with everything that it includes and defines put in. */
  public static String preprocess(Path include, String source, Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("preprocess.c"), source);
    return run("gcc", "-E", "-P", "-I", include.toString(), file.toString());
  }

  /** Runs a C program and returns what it prints. */
  public static String printed(Path include, String source, Path folder) throws Exception {
    Path file = Files.writeString(folder.resolve("program.c"), source);
    Path program = folder.resolve("program");
    run("gcc", "-w", "-I", include.toString(), "-o", program.toString(), file.toString());
    return run(program.toString());
  }

  /** Makes a shared library of a C source. */
  public static Path library(Path folder, String name, String source) throws Exception {
    assumeThere();
    Path file = Files.writeString(folder.resolve(name + ".c"), source);
    Path library = folder.resolve(name);
    run("gcc", "-shared", "-fPIC", "-o", library.toString(), file.toString());
    return library;
  }

  private static String run(String... command) throws Exception {
    Process process =
        new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }
}
