package org.likeness.ffi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.ffi.Availability.Available;

class NativeLibraryTest {
  @TempDir Path folder;

  @Test
  void aFileThatIsNotThereIsAbsent() {
    Path file = folder.resolve("libnone.so");
    assertEquals(
        "libnone.so was not found; looked for " + file, NativeLibrary.open(file).message());
  }

  @Test
  void aNameThatTheLoaderDoesNotKnowIsAbsent() {
    Availability<NativeLibrary> answer = NativeLibrary.open("liblikeness-none.so.7");
    assertEquals(
        "liblikeness-none.so.7 was not found; looked for the loader's path", answer.message());
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFileThatIsNoLibraryIsBrokenInTheLoadersOwnWords() throws IOException {
    Path file = Files.writeString(folder.resolve("libtext.so"), "not a library ".repeat(100));
    assertEquals(
        file + " cannot be used: " + file + ": invalid ELF header",
        NativeLibrary.open(file).message());
  }

  @Test
  void aMissingFunctionMakesTheLibraryTooOldAndIsNamed() {
    Availability<MemorySegment> bound =
        NativeLibrary.standard()
            .bind(
                exports -> {
                  exports.address("likeness_one");
                  exports.address("likeness_two");
                  return exports.address("strlen");
                });
    assertEquals(
        "the C library is too old, it lacks likeness_one, likeness_two; install a newer one",
        bound.message());
    assertThrows(NativeLibraryException.class, bound::orThrow);
  }

  @Test
  void aBoundFunctionIsCalledWithItsAddressFirst() throws Throwable {
    record Bound(MemorySegment abs) {}

    MethodHandle call = C.function(C.INT, C.INT);
    Bound bound = NativeLibrary.standard().bind(e -> new Bound(e.address("abs"))).orThrow();
    assertEquals(7, (int) call.invokeExact(bound.abs(), -7));
  }

  @Test
  void laterStepsKeepTheFirstAnswer() {
    Availability<String> absent = new Availability.Absent<>("libx", List.of("/a", "/b"));
    assertEquals(
        "libx was not found; looked for /a, /b",
        absent.then(s -> new Available<>(s.length())).message());
    assertEquals(3, new Available<>("abc").then(s -> new Available<>(s.length())).orThrow());
  }

  @Test
  void forbiddenNativeAccessIsAnAnswerOfItsOwn() throws Exception {
    Process java =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--illegal-native-access=deny",
                "-cp",
                System.getProperty("java.class.path"),
                Opening.class.getName(),
                "libm.so.6")
            .redirectErrorStream(true)
            .start();
    String said = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(
        "libm.so.6 cannot be used because native access is forbidden; start java with"
            + " --enable-native-access=ALL-UNNAMED",
        said.strip());
  }

  /** Opens a library by name and prints the answer. */
  static final class Opening {
    private Opening() {}

    public static void main(String[] args) {
      System.out.println(NativeLibrary.open(args[0]).message());
    }
  }

  @Test
  void aVariableSetHereIsSeenByNativeCodeButAGivenOneStays() throws Throwable {
    MethodHandle call = C.function(C.POINTER, C.POINTER);
    MemorySegment getenv = NativeLibrary.standard().find("getenv").orElseThrow();
    assertTrue(Environment.setUnlessGiven("LIKENESS_TEST", "yes"));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value =
          (MemorySegment) call.invokeExact(getenv, arena.allocateFrom("LIKENESS_TEST"));
      assertEquals("yes", C.string(value));
      assertFalse(Environment.setUnlessGiven("PATH", "nowhere"));
      MemorySegment path = (MemorySegment) call.invokeExact(getenv, arena.allocateFrom("PATH"));
      assertEquals(System.getenv("PATH"), C.string(path));
    }
    assertEquals("", C.string(MemorySegment.NULL));
  }
}
