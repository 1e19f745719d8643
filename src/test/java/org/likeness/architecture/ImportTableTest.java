package org.likeness.architecture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ImportTableTest {
  private static final Path SOURCES = Path.of("src", "main", "java");

  private final ImportTable table = new ImportTable("org.likeness");
  private final ImportTable planted = new ImportTable("org.likeness.architecture.planted");

  @Test
  void classesUseOnlyWhatTheirRowAllows() {
    JavaClasses classes =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages(table.root());

    assertFalse(classes.isEmpty(), "no class was read");
    assertEquals("", String.join("\n", table.violations(classes)));
  }

  @Test
  void sourcesImportOnlyWhatTheirRowAllows() throws IOException {
    List<String> found = new ArrayList<>();
    List<Path> sources;
    try (Stream<Path> files = Files.walk(SOURCES)) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    for (Path source : sources) {
      for (String sentence : table.violations(Files.readString(source))) {
        found.add(SOURCES.relativize(source) + ": " + sentence);
      }
    }

    assertFalse(sources.isEmpty(), "no source was read");
    assertEquals("", String.join("\n", found));
  }

  @Test
  void plantedClassesAreFound() {
    String root = planted.root();
    JavaClasses classes = new ClassFileImporter().importPackages(root);

    assertEquals(
        List.of(
            root
                + ".cuda.Driver: cuda may not use java.lang.foreign.Linker: only ffi links native"
                + " code",
            root + ".graph.Node: graph may not use picocli.CommandLine",
            root + ".graph.Node: graph may not use train.Session",
            root + ".stray.Stray: package " + root + ".stray has no row in the table of imports"),
        planted.violations(classes));
  }

  @Test
  void importedConstantsAreFound() {
    String source =
        """
        package org.likeness.device.cpu;

        import static org.likeness.saehd.Faces.SIDE;

        import java.util.List;
        import org.likeness.device.cuda.*;
        import org.likeness.ffi.NativeLibrary;
        """;

    assertEquals(
        List.of("device.cpu may not use saehd.Faces.SIDE", "device.cpu may not use device.cuda"),
        table.violations(source));
  }
}
