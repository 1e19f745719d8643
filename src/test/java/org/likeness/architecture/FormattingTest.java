package org.likeness.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every Java source is as google-java-format leaves it.
 *
 * <p>A test rather than a Maven plugin because the formatter needs a newer Java than Maven may run
 * on, and tests run on the project's own.
 */
class FormattingTest {
  private static final List<Path> ROOTS = List.of(Path.of("src"), Path.of("benchmarks", "src"));

  @Test
  void sourcesAreFormatted() throws Exception {
    boolean apply = Boolean.getBoolean("format");
    StringBuilder unformatted = new StringBuilder();
    for (Path source : sources()) {
      String before = Files.readString(source);
      String after = formatted(source, before);
      if (apply && !after.equals(before)) {
        Files.writeString(source, after);
      } else if (!after.equals(before)) {
        unformatted.append('\n').append(source);
      }
    }
    assertEquals(
        "",
        unformatted.toString(),
        "not formatted; run: mvn test -Dtest=FormattingTest -Dformat=true");
  }

  private static String formatted(Path source, String text) {
    try {
      return new Formatter().formatSourceAndFixImports(text);
    } catch (FormatterException e) {
      throw new AssertionError(source + ": " + e.getMessage(), e);
    }
  }

  private static List<Path> sources() throws IOException {
    List<Path> sources = new ArrayList<>();
    for (Path root : ROOTS) {
      if (Files.isDirectory(root)) {
        try (Stream<Path> files = Files.walk(root)) {
          files.filter(file -> file.toString().endsWith(".java")).sorted().forEach(sources::add);
        }
      }
    }
    return sources;
  }
}
