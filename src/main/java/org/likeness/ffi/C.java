package org.likeness.ffi;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * The C types that bindings use, and calls to functions of a given prototype. A call is unbound:
 * its first argument is the function's address, so that one constant handle serves every library
 * that is opened and none is linked while a class loads.
 */
public final class C {
  /** {@code int}, and any {@code enum}. */
  public static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

  /** {@code int64_t}; {@code size_t} on the 64-bit systems that Likeness runs on. */
  public static final ValueLayout.OfLong INT64 = ValueLayout.JAVA_LONG;

  /** {@code unsigned char}. */
  public static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;

  /** {@code float}. */
  public static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  /** {@code void *}, and any handle. */
  public static final AddressLayout POINTER = ValueLayout.ADDRESS;

  /**
   * An opaque handle, or a pointer that Java does not follow, as a number: a call checks no
   * lifetime and makes no object for it.
   */
  public static final ValueLayout.OfLong HANDLE = ValueLayout.JAVA_LONG;

  private C() {}

  /** Returns an unbound call of a function that returns a value. */
  public static MethodHandle function(MemoryLayout result, MemoryLayout... parameters) {
    return Linker.nativeLinker().downcallHandle(FunctionDescriptor.of(result, parameters));
  }

  /** Returns an unbound call of a function that returns nothing. */
  public static MethodHandle procedure(MemoryLayout... parameters) {
    return Linker.nativeLinker().downcallHandle(FunctionDescriptor.ofVoid(parameters));
  }

  /** Copies a NUL-terminated string that a library owns; the null pointer is "". */
  public static String string(MemorySegment text) {
    return text.address() == 0 ? "" : text.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /**
   * Turns what a call handle threw into something to throw on: calls themselves throw nothing, so
   * this is an argument that is closed, of another thread, or of another type than the prototype's.
   */
  public static RuntimeException thrown(Throwable t) {
    if (t instanceof Error e) {
      throw e;
    }
    return t instanceof RuntimeException e ? e : new IllegalStateException(t);
  }
}
