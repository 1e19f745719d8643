package org.likeness.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** A native library that is open for as long as the process lives. */
public final class NativeLibrary {
  private static final int RTLD_NOW = 2;

  private final String name;
  private final SymbolLookup symbols;

  private NativeLibrary(String name, SymbolLookup symbols) {
    this.name = name;
    this.symbols = symbols;
  }

  /** Opens a library file; libraries that it needs are found beside it or by the system. */
  public static Availability<NativeLibrary> open(Path file) {
    if (!Files.isRegularFile(file)) {
      return new Availability.Absent<>(file.getFileName().toString(), List.of(file.toString()));
    }
    return open(file.toString(), () -> SymbolLookup.libraryLookup(file, Arena.global()));
  }

  /** Opens a library that the system's loader finds by name, such as {@code libcuda.so.1}. */
  public static Availability<NativeLibrary> open(String name) {
    return open(name, () -> SymbolLookup.libraryLookup(name, Arena.global()));
  }

  private interface Loader {
    SymbolLookup load();
  }

  private static Availability<NativeLibrary> open(String name, Loader loader) {
    SymbolLookup symbols;
    try {
      symbols = loader.load();
    } catch (IllegalCallerException e) {
      return new Availability.Forbidden<>(name);
    } catch (IllegalArgumentException e) {
      return refused(name);
    }
    return new Availability.Available<>(new NativeLibrary(name, symbols));
  }

  /** Returns the standard C library's functions, and on POSIX systems the loader's. */
  static NativeLibrary standard() {
    return new NativeLibrary("the C library", Linker.nativeLinker().defaultLookup());
  }

  /** Returns the library's file or name. */
  @Override
  public String toString() {
    return name;
  }

  /** Returns the address of an exported function, exactly so named. */
  public Optional<MemorySegment> find(String function) {
    return symbols.find(function);
  }

  /** Hands out addresses by exported name while a record of bindings is made. */
  public static final class Exports {
    private final NativeLibrary library;
    private final List<String> missing = new ArrayList<>();

    private Exports(NativeLibrary library) {
      this.library = library;
    }

    /** Returns the function's address; when it has none the whole binding is too old. */
    public MemorySegment address(String function) {
      Optional<MemorySegment> found = library.find(function);
      if (found.isEmpty()) {
        missing.add(function);
      }
      return found.orElse(MemorySegment.NULL);
    }
  }

  /** Makes a record of function addresses; when any is missing the library is too old. */
  public <T> Availability<T> bind(Function<Exports, T> binding) {
    Exports exports = new Exports(this);
    T bound = binding.apply(exports);
    return exports.missing.isEmpty()
        ? new Availability.Available<>(bound)
        : new Availability.TooOld<>(name, exports.missing);
  }

  // void *dlopen(const char *file, int mode)
  private static MemorySegment dlopen(MemorySegment function, MemorySegment file) {
    MethodHandle call = C.function(C.POINTER, C.POINTER, C.INT);
    try {
      return (MemorySegment) call.invokeExact(function, file, RTLD_NOW);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  // char *dlerror(void)
  private static MemorySegment dlerror(MemorySegment function) {
    MethodHandle call = C.function(C.POINTER);
    try {
      return (MemorySegment) call.invokeExact(function);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  /** Asks the loader again for its own words, which the lookup does not pass on. */
  private static Availability<NativeLibrary> refused(String name) {
    NativeLibrary c = standard();
    Optional<MemorySegment> dlopen = c.find("dlopen");
    Optional<MemorySegment> dlerror = c.find("dlerror");
    boolean isFile = name.indexOf('/') >= 0 || name.indexOf('\\') >= 0;
    String words = "";
    if (dlopen.isPresent() && dlerror.isPresent()) {
      try (Arena arena = Arena.ofConfined()) {
        boolean failed = dlopen(dlopen.get(), arena.allocateFrom(name)).address() == 0;
        words = failed ? C.string(dlerror(dlerror.get())) : "";
      }
    }
    if (!isFile && (words.isEmpty() || words.contains("cannot open shared object file"))) {
      return new Availability.Absent<>(name, List.of("the loader's path"));
    }
    String guess = "a library that it needs is missing, or it is for another processor";
    return new Availability.Broken<>(name, words.isEmpty() ? guess : words);
  }
}
