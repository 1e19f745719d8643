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
  // int setenv(const char *name, const char *value, int overwrite)
  private static final MethodHandle SETENV = C.function(C.INT, C.POINTER, C.POINTER, C.INT);
  // errno_t _putenv_s(const char *name, const char *value), the Windows C library's
  private static final MethodHandle PUTENV = C.function(C.INT, C.POINTER, C.POINTER);

  private Environment() {}

  /**
   * Sets a variable for libraries loaded from now on, unless the process was started with it.
   *
   * @return whether it is now set to {@code value} by this call
   */
  public static boolean setUnlessGiven(String name, String value) {
    if (System.getenv(name) != null) {
      return false;
    }
    NativeLibrary c = NativeLibrary.standard();
    Optional<MemorySegment> setenv = c.find("setenv");
    MemorySegment function =
        setenv
            .or(() -> c.find("_putenv_s"))
            .orElseThrow(() -> new NativeLibraryException(c + " has neither setenv nor _putenv_s"));
    int status;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment n = arena.allocateFrom(name);
      MemorySegment v = arena.allocateFrom(value);
      status =
          setenv.isPresent()
              ? (int) SETENV.invokeExact(function, n, v, 1)
              : (int) PUTENV.invokeExact(function, n, v);
    } catch (Throwable t) {
      throw C.thrown(t);
    }
    return status == 0;
  }
}
