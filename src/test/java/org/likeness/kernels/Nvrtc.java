package org.likeness.kernels;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/**
 * NVIDIA's run-time compiler, used before anything runs: source to PTX. Its output depends on what
 * the process compiled before (spec softcuda.md 1), so a process compiles one file.
 */
record Nvrtc(
    MemorySegment create,
    MemorySegment compile,
    MemorySegment ptxSize,
    MemorySegment ptx,
    MemorySegment logSize,
    MemorySegment log,
    MemorySegment errorString) {

  /** Opens the library, which stays open. */
  static Nvrtc open(Path library) {
    return NativeLibrary.open(library)
        .then(
            opened ->
                opened.bind(
                    e ->
                        new Nvrtc(
                            e.address("nvrtcCreateProgram"),
                            e.address("nvrtcCompileProgram"),
                            e.address("nvrtcGetPTXSize"),
                            e.address("nvrtcGetPTX"),
                            e.address("nvrtcGetProgramLogSize"),
                            e.address("nvrtcGetProgramLog"),
                            e.address("nvrtcGetErrorString"))))
        .orThrow();
  }

  /** Returns a source's PTX for a target; the exception carries the compiler's words. */
  String ptx(Path source, int target, List<Path> includes) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(C.POINTER);
      // the bare name: a path would end up in the names of static symbols
      check(
          "nvrtcCreateProgram",
          create(
              handle,
              arena.allocateFrom(Files.readString(source).replace("\r\n", "\n")),
              arena.allocateFrom(source.getFileName().toString())));
      MemorySegment program = handle.get(C.POINTER, 0);
      List<String> options =
          Stream.concat(
                  Stream.of("--gpu-architecture=compute_" + target, "-std=c++17"),
                  includes.stream().map(folder -> "-I" + folder))
              .toList();
      MemorySegment array = arena.allocate(C.POINTER, options.size());
      for (int i = 0; i < options.size(); i++) {
        array.setAtIndex(C.POINTER, i, arena.allocateFrom(options.get(i)));
      }
      int status = compile(program, options.size(), array);
      if (status != 0) {
        throw new IOException(
            source + " for " + target + ":\n" + text(logSize, log, program, arena));
      }
      return text(ptxSize, ptx, program, arena);
    }
  }

  /** Reads a text whose size, with its NUL, and bytes two functions give. */
  private String text(MemorySegment size, MemorySegment get, MemorySegment program, Arena arena) {
    MemorySegment bytes = arena.allocate(C.INT64);
    check("nvrtcGet...Size", get(size, program, bytes));
    MemorySegment text = arena.allocate(bytes.get(ValueLayout.JAVA_LONG, 0));
    check("nvrtcGet...", get(get, program, text));
    return text.getString(0);
  }

  private void check(String function, int status) {
    if (status != 0) {
      throw new IllegalStateException(function + ": " + status + ", " + words(status));
    }
  }

  // nvrtcResult nvrtcCreateProgram(nvrtcProgram *, const char *src, const char *name, int headers,
  //     const char *const *texts, const char *const *names)
  private int create(MemorySegment handle, MemorySegment source, MemorySegment name) {
    MethodHandle call =
        C.function(C.INT, C.POINTER, C.POINTER, C.POINTER, C.INT, C.POINTER, C.POINTER);
    MemorySegment none = MemorySegment.NULL;
    try {
      return (int) call.invokeExact(create, handle, source, name, 0, none, none);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  // nvrtcResult nvrtcCompileProgram(nvrtcProgram, int count, const char *const *options)
  private int compile(MemorySegment program, int count, MemorySegment options) {
    MethodHandle call = C.function(C.INT, C.POINTER, C.INT, C.POINTER);
    try {
      return (int) call.invokeExact(compile, program, count, options);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  // nvrtcResult nvrtcGetPTX(nvrtcProgram, char *), and others of its kind
  private static int get(MemorySegment function, MemorySegment program, MemorySegment to) {
    MethodHandle call = C.function(C.INT, C.POINTER, C.POINTER);
    try {
      return (int) call.invokeExact(function, program, to);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  // const char *nvrtcGetErrorString(nvrtcResult)
  private String words(int status) {
    MethodHandle call = C.function(C.POINTER, C.INT);
    try {
      return C.string((MemorySegment) call.invokeExact(errorString, status));
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
