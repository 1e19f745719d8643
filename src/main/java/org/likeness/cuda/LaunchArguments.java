package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.BitSet;
import java.util.List;
import org.likeness.ffi.C;

/**
 * The values of a kernel's parameters, off the heap and where the driver reads them at each launch;
 * setting one again changes the launches that follow. They live in the arena that they were made
 * in.
 */
public final class LaunchArguments {
  private static final long ALIGNMENT = 16;

  private final CudaFunction function;
  private final MemorySegment values;
  private final MemorySegment places;
  private final BitSet given = new BitSet();

  LaunchArguments(CudaFunction function, Arena arena) {
    this.function = function;
    List<CudaFunction.Parameter> parameters = function.parameters();
    long bytes = parameters.stream().mapToLong(p -> p.offset() + p.bytes()).max().orElse(0);
    values = arena.allocate(Math.max(bytes, 1), ALIGNMENT);
    places = arena.allocate(C.POINTER, Math.max(parameters.size(), 1));
    for (int i = 0; i < parameters.size(); i++) {
      places.setAtIndex(C.POINTER, i, values.asSlice(parameters.get(i).offset()));
    }
  }

  /** Sets a device address, or another 64-bit number. */
  public LaunchArguments set(int index, long value) {
    values.set(ValueLayout.JAVA_LONG_UNALIGNED, place(index, Long.BYTES), value);
    return this;
  }

  /** Sets a 32-bit integer. */
  public LaunchArguments set(int index, int value) {
    values.set(ValueLayout.JAVA_INT_UNALIGNED, place(index, Integer.BYTES), value);
    return this;
  }

  /** Sets a 32-bit floating-point number. */
  public LaunchArguments set(int index, float value) {
    values.set(ValueLayout.JAVA_FLOAT_UNALIGNED, place(index, Float.BYTES), value);
    return this;
  }

  /** Sets a structure passed by value: all its bytes, padded as C does. */
  public LaunchArguments set(int index, MemorySegment structure) {
    long bytes = structure.byteSize();
    MemorySegment.copy(structure, 0, values, place(index, bytes), bytes);
    return this;
  }

  private long place(int index, long bytes) {
    List<CudaFunction.Parameter> parameters = function.parameters();
    if (index < 0 || index >= parameters.size()) {
      throw new IllegalArgumentException(
          function + " has " + parameters.size() + " parameters, none at " + index);
    }
    CudaFunction.Parameter parameter = parameters.get(index);
    if (parameter.bytes() != bytes) {
      throw new IllegalArgumentException(
          function + ": parameter " + index + " has " + parameter.bytes() + " bytes, not " + bytes);
    }
    given.set(index);
    return parameter.offset();
  }

  /** Returns the pointers that a launch takes. */
  MemorySegment places(CudaFunction launched) {
    if (launched != function) {
      throw new IllegalArgumentException(
          "the arguments are those of " + function + ", not of " + launched);
    }
    int missing = given.nextClearBit(0);
    if (missing < function.parameters().size()) {
      throw new IllegalArgumentException(function + ": parameter " + missing + " was not set");
    }
    return places;
  }
}
