package org.likeness.testing;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Calls of a native library as C would make them, by exported name, with int, long, pointer and
 * text arguments: what a test library's controls need, and tests of what it fakes.
 */
final class NativeControls {
  private final SymbolLookup symbols;
  private final Map<String, MethodHandle> handles = new ConcurrentHashMap<>();

  /** Opens a library for the rest of the process. */
  NativeControls(Path library) {
    symbols = SymbolLookup.libraryLookup(library, Arena.global());
  }

  /** Returns a handle of an exported function. */
  MethodHandle function(String name, FunctionDescriptor prototype) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), prototype);
  }

  /** Calls a function that returns a text, or null, which reads as "". */
  String text(String function, Object... arguments) {
    MemorySegment text = (MemorySegment) call(function, ValueLayout.ADDRESS, arguments);
    return text.address() == 0 ? "" : text.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** Calls a function that returns a 64-bit number. */
  long number(String function, Object... arguments) {
    return (long) call(function, ValueLayout.JAVA_LONG, arguments);
  }

  /** Calls a function that returns a 32-bit status. */
  int status(String function, Object... arguments) {
    return (int) call(function, ValueLayout.JAVA_INT, arguments);
  }

  /** Calls a function that returns nothing. */
  void run(String function, Object... arguments) {
    invoke(function, FunctionDescriptor.ofVoid(layouts(arguments)), arguments);
  }

  private Object call(String function, MemoryLayout result, Object... arguments) {
    return invoke(function, FunctionDescriptor.of(result, layouts(arguments)), arguments);
  }

  private Object invoke(String function, FunctionDescriptor prototype, Object... arguments) {
    try (Arena arena = Arena.ofConfined()) {
      Object[] passed =
          Arrays.stream(arguments)
              .map(
                  argument -> argument instanceof String text ? arena.allocateFrom(text) : argument)
              .toArray();
      return handles
          .computeIfAbsent(function + prototype, _ -> function(function, prototype))
          .invokeWithArguments(passed);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
  }

  private static MemoryLayout[] layouts(Object... arguments) {
    return Arrays.stream(arguments).map(NativeControls::layout).toArray(MemoryLayout[]::new);
  }

  private static MemoryLayout layout(Object argument) {
    return switch (argument) {
      case Integer _ -> ValueLayout.JAVA_INT;
      case Long _ -> ValueLayout.JAVA_LONG;
      case Byte _ -> ValueLayout.JAVA_BYTE;
      case String _ -> ValueLayout.ADDRESS;
      case MemorySegment _ -> ValueLayout.ADDRESS;
      default -> throw new IllegalArgumentException("no C type for " + argument.getClass());
    };
  }
}
