package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.likeness.ffi.Availability;
import org.likeness.ffi.BundledLibraries;
import org.likeness.ffi.Environment;
import org.likeness.ffi.NativeLibrary;

/**
 * oneDNN on this processor: the library, one engine and one stream. Issue everything from one
 * thread: OpenMP keeps its workers per calling thread.
 */
final class OnednnEngine implements AutoCloseable {
  private static final String NAME = "oneDNN";
  private static final int MAJOR = 3;

  /** The library's functions, by what they are about. */
  private record Functions(
      OnednnRuntime runtime,
      OnednnMemory memory,
      OnednnAttributes attributes,
      OnednnDescriptors descriptors,
      OnednnPrimitives primitives) {
    static Functions of(NativeLibrary.Exports exports) {
      return new Functions(
          OnednnRuntime.of(exports),
          OnednnMemory.of(exports),
          OnednnAttributes.of(exports),
          OnednnDescriptors.of(exports),
          OnednnPrimitives.of(exports));
    }
  }

  private final Arena arena = Arena.ofShared();
  private final Functions functions;
  private final OnednnThreads threads;
  private final OnednnRuntime.Version version;
  private final MemorySegment handle;
  private final MemorySegment stream;

  private OnednnEngine(Functions functions, OnednnThreads threads) {
    this.functions = functions;
    this.threads = threads;
    version = functions.runtime.readVersion();
    handle = functions.runtime.engine(arena);
    stream = functions.runtime.stream(arena, handle);
  }

  /** Opens the oneDNN that comes with Likeness, copied to the user's cache folder if need be. */
  static Availability<OnednnEngine> open() {
    return open(OnednnEngine.class.getClassLoader(), BundledLibraries.userCache());
  }

  /** Opens the oneDNN among some jars, copied under {@code cache}. */
  static Availability<OnednnEngine> open(ClassLoader jars, Path cache) {
    restWhenIdle();
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    boolean linux = System.getProperty("os.name").equals("Linux");
    if (!System.getProperty("os.arch").equals("amd64") || !(windows || linux)) {
      String here = System.getProperty("os.name") + " " + System.getProperty("os.arch");
      return new Availability.Absent<>(NAME, List.of("a build for " + here));
    }
    // OpenMP's library first: Windows finds what dnnl.dll needs only if it is already loaded
    List<String> files =
        windows
            ? List.of(
                "org/bytedeco/javacpp/windows-x86_64/vcomp140.dll",
                "org/bytedeco/dnnl/windows-x86_64/dnnl.dll")
            : List.of(
                "org/bytedeco/dnnl/linux-x86_64/libgomp.so.1",
                "org/bytedeco/dnnl/linux-x86_64/libdnnl.so.3");
    return BundledLibraries.extract("onednn", files, jars, cache)
        .then(
            paths ->
                NativeLibrary.open(paths.get(0))
                    .then(openMp -> openMp.bind(OnednnThreads::of))
                    .then(threads -> open(paths.get(1), threads)));
  }

  private static Availability<OnednnEngine> open(Path file, OnednnThreads threads) {
    return NativeLibrary.open(file)
        .then(library -> library.bind(Functions::of))
        .then(
            functions -> {
              OnednnEngine engine = new OnednnEngine(functions, threads);
              if (engine.version.major() == MAJOR) {
                return new Availability.Available<>(engine);
              }
              engine.close();
              return new Availability.Broken<>(
                  NAME, "it is version " + engine.version + ", version 3 is needed");
            });
  }

  /**
   * Lets OpenMP's workers sleep soon after a primitive, unless the user said otherwise: by default
   * GCC's spin for 2.6 ms and so take a core from the Java work that follows. At 1000 turns, 25 µs,
   * the next primitive still finds them awake; without any, each primitive pays 35 µs to wake them.
   * Must come before the library is loaded.
   */
  private static void restWhenIdle() {
    if (Environment.setUnlessGiven("OMP_WAIT_POLICY", "passive")) {
      Environment.setUnlessGiven("GOMP_SPINCOUNT", "1000");
    }
  }

  /** Returns the library's version, such as "3.13.0". */
  String version() {
    return version.toString();
  }

  /** Returns the instruction set that primitives are made for, such as "avx512_core". */
  String isa() {
    return functions.runtime.isa();
  }

  /** Tells whether the processor multiplies bf16, as those with AVX-512 BF16 do. */
  boolean computesBf16() {
    return List.of("bf16", "fp16", "amx", "avx10").stream().anyMatch(isa()::contains);
  }

  /** Returns how many threads primitives that this thread makes run on. */
  int threads() {
    return threads.count();
  }

  /** Sets how many threads primitives run on that this thread makes and issues from now on. */
  void useThreads(int count) {
    if (count < 1) {
      throw new IllegalArgumentException("threads: " + count + ", must be at least 1");
    }
    threads.use(count);
  }

  @Override
  public String toString() {
    return String.format(Locale.ROOT, "%s %s, %s, %d threads", NAME, version(), isa(), threads());
  }

  OnednnRuntime runtime() {
    return functions.runtime;
  }

  OnednnMemory memory() {
    return functions.memory;
  }

  OnednnAttributes attributes() {
    return functions.attributes;
  }

  OnednnDescriptors descriptors() {
    return functions.descriptors;
  }

  OnednnPrimitives primitives() {
    return functions.primitives;
  }

  MemorySegment handle() {
    return handle;
  }

  MemorySegment stream() {
    return stream;
  }

  /** Closes stream and engine; operations made with them must be closed before. */
  @Override
  public void close() {
    arena.close();
  }
}
