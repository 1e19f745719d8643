package org.likeness.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.ffi.Availability.Available;
import org.likeness.ffi.Availability.Broken;
import org.likeness.testing.CCompiler;

@EnabledOnOs(OS.LINUX)
class LibrarySearchTest {
  private static final String FILE = "liblikenesstest.so.1";

  @TempDir Path root;
  private Path home;
  private Path installed;

  @BeforeEach
  void makeFolders() throws Exception {
    home = Files.createDirectory(root.resolve("home"));
    installed = Files.createDirectory(root.resolve("installed"));
  }

  private LibrarySearch search(Optional<Path> given) {
    return new LibrarySearch(
        "the test library", List.of(FILE), given, List.of(home), List.of(installed));
  }

  private static Path library(Path folder) throws Exception {
    return CCompiler.library(folder, FILE, "int likeness_test(void) { return 1; }");
  }

  private static Path text(Path folder) throws Exception {
    return Files.writeString(folder.resolve(FILE), "not a library ".repeat(100));
  }

  @Test
  void theFileThatWasNamedComesBeforeAllOthers() throws Exception {
    library(home);
    Path given = library(root);
    assertEquals(given.toString(), search(Optional.of(given)).open().orThrow().toString());
  }

  @Test
  void aNamedFileThatIsNotThereIsNotReplacedByAnother() throws Exception {
    library(home);
    Path given = root.resolve("none.so");
    assertEquals(
        "the test library was not found; looked for " + given,
        search(Optional.of(given)).open().message());
  }

  @Test
  void homesComeBeforeWhereInstallersPutIt() throws Exception {
    library(installed);
    Path first = library(home);
    assertEquals(first.toString(), search(Optional.empty()).open().orThrow().toString());
  }

  @Test
  void aBrokenOneIsPassedOverAndRemembered() throws Exception {
    Path broken = text(home);
    Path whole = library(installed);
    LibrarySearch.Result<String> result = search(Optional.empty()).search(LibrarySearchTest::name);
    assertEquals(whole.toString(), result.answer().orThrow());
    assertEquals(
        List.of(broken + " cannot be used: " + broken + ": invalid ELF header"),
        result.refused().stream().map(Availability::message).toList());
  }

  @Test
  void whereAllAreRefusedTheFirstReasonIsTheAnswer() throws Exception {
    Path first = library(home);
    Path second = library(installed);
    LibrarySearch.Result<String> result =
        search(Optional.empty())
            .search(library -> new Broken<>(library.toString(), "it is of no use"));
    assertEquals(first + " cannot be used: it is of no use", result.answer().message());
    assertEquals(second + " cannot be used: it is of no use", result.refused().getLast().message());
  }

  @Test
  void whereNoneIsEveryPlaceIsNamed() {
    assertEquals(
        "the test library was not found; looked for %s, %s on the loader's path, %s"
            .formatted(home, FILE, installed),
        search(Optional.empty()).open().message());
  }

  private static Availability<String> name(NativeLibrary library) {
    return new Available<>(library.toString());
  }
}
