package org.likeness.ffi;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/**
 * The process's own environment as native libraries see it when they are loaded; {@code
 * System.getenv} keeps showing what the process was started with.
 */
public final class Environment {
  private Environment() {}

  /**
   * Sets a variable for libraries loaded from now on, unless the process was started with it.
   *
   * @return whether native code now sees {@code value}
   */
  public static boolean setUnlessGiven(String name, String value) {
    if (System.getenv(name) != null) {
      return false;
    }
    NativeLibrary c = NativeLibrary.standard();
    Optional<MemorySegment> setenv = c.find("setenv");
    Optional<MemorySegment> putenv = c.find("_putenv_s");
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment n = arena.allocateFrom(name);
      MemorySegment v = arena.allocateFrom(value);
      return setenv.isPresent()
          ? setenv(setenv.get(), n, v) == 0
          : putenv.isPresent() && putenv(putenv.get(), n, v) == 0;
    } catch (IllegalCallerException e) {
      return false; // native access is forbidden; opening the library will say so
    }
  }

  // int setenv(const char *name, const char *value, int overwrite), POSIX
  private static int setenv(MemorySegment function, MemorySegment name, MemorySegment value) {
    MethodHandle call = C.function(C.INT, C.POINTER, C.POINTER, C.INT);
    try {
      return (int) call.invokeExact(function, name, value, 1);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }

  // errno_t _putenv_s(const char *name, const char *value), Windows
  private static int putenv(MemorySegment function, MemorySegment name, MemorySegment value) {
    MethodHandle call = C.function(C.INT, C.POINTER, C.POINTER);
    try {
      return (int) call.invokeExact(function, name, value);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
  }
}
