package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.ffi.C;
import org.likeness.ffi.LibrarySearch;
import org.likeness.ffi.NativeLibrary;
import org.likeness.testing.CCompiler;

@EnabledOnOs(OS.LINUX)
class NvtxTest {
  private static final String FAKE =
      """
      #include <string.h>
      static char text[100];
      int nvtxRangePushA(const char *name) { strcat(text, name); strcat(text, "("); return 0; }
      int nvtxRangePop(void) { strcat(text, ")"); return 0; }
      const char *seen(void) { return text; }
      """;

  @TempDir Path folder;

  private static Nvtx open(Path file) {
    return Nvtx.open(new LibrarySearch("NVTX", List.of(), Optional.of(file), List.of(), List.of()));
  }

  private static void pushAndPop(Nvtx nvtx) {
    try (Arena arena = Arena.ofConfined()) {
      nvtx.push(arena.allocateFrom("step"));
      nvtx.push(arena.allocateFrom("forward"));
      nvtx.pop();
      nvtx.pop();
    }
  }

  @Test
  void rangesNest() throws Throwable {
    Path file = CCompiler.library(folder, "libnvtx-fake.so", FAKE);
    Nvtx nvtx = open(file);
    assertEquals(file.toString(), nvtx.library().orThrow());
    pushAndPop(nvtx);
    MethodHandle call = C.function(C.POINTER);
    MemorySegment seen = NativeLibrary.open(file).orThrow().find("seen").orElseThrow();
    assertEquals("step(forward())", C.string((MemorySegment) call.invokeExact(seen)));
  }

  @Test
  void withoutTheLibraryNothingHappens() {
    Path file = folder.resolve("none.so");
    Nvtx nvtx = open(file);
    pushAndPop(nvtx);
    assertEquals("NVTX was not found; looked for " + file, nvtx.library().message());
  }
}
