package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_STATUS_INTERNAL_ERROR;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_STATUS_NOT_SUPPORTED;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_STATUS_SUCCESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.likeness.cuda.LibraryCheck;
import org.likeness.ffi.C;

/**
 * A descriptor of cuDNN's graph interface: made empty, filled attribute by attribute, finalized,
 * then read or handed to others.
 */
final class Descriptor implements AutoCloseable {
  private static final int CATEGORY = 1000;

  private final CudnnFunctions functions;
  private final LibraryCheck check;
  private final String name;
  private final long handle;
  private boolean open = true;

  private Descriptor(CudnnCalls cudnn, String name, long handle) {
    functions = cudnn.functions();
    check = cudnn.check();
    this.name = name;
    this.handle = handle;
  }

  /**
   * Makes an empty descriptor.
   *
   * @param name how messages call it, such as "tensor x"
   */
  static Descriptor create(CudnnCalls cudnn, DescriptorType type, String name) {
    LibraryCheck check = cudnn.check();
    check.ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.HANDLE);
      check.check(
          cudnn.functions().backendCreateDescriptor(type.value(), out),
          "cudnnBackendCreateDescriptor",
          type);
      return new Descriptor(cudnn, name, out.get(C.HANDLE, 0));
    }
  }

  long handle() {
    return handle;
  }

  /** Sets whole numbers, enum values, truth values, handles or addresses. */
  Descriptor set(Attribute attribute, long... values) {
    try (Arena arena = Arena.ofConfined()) {
      int bytes = attribute.type().bytes();
      MemorySegment elements = arena.allocate((long) bytes * values.length, Long.BYTES);
      for (int i = 0; i < values.length; i++) {
        switch (bytes) {
          case 1 -> elements.set(C.BYTE, i, (byte) values[i]);
          case 4 -> elements.setAtIndex(C.INT, i, (int) values[i]);
          default -> elements.setAtIndex(C.INT64, i, values[i]);
        }
      }
      return set(attribute, values.length, elements, Arrays.toString(values));
    }
  }

  /** Sets a real number, of the precision that the attribute has. */
  Descriptor setReal(Attribute attribute, double value) {
    return attribute.type() == AttributeType.CUDNN_TYPE_FLOAT
        ? set(attribute, Float.floatToRawIntBits((float) value))
        : set(attribute, Double.doubleToRawLongBits(value));
  }

  /** Sets other descriptors, which are finalized. */
  Descriptor set(Attribute attribute, Descriptor... values) {
    return set(attribute, Arrays.stream(values).mapToLong(Descriptor::handle).toArray());
  }

  /** Sets text, with its NUL. */
  Descriptor set(Attribute attribute, String text) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment elements = arena.allocateFrom(text);
      return set(attribute, elements.byteSize(), elements, text);
    }
  }

  private Descriptor set(Attribute attribute, long count, MemorySegment elements, String values) {
    check.ensureUsable();
    int status =
        functions.backendSetAttribute(
            handle, attribute.value(), attribute.type().value(), count, elements);
    if (status != CUDNN_STATUS_SUCCESS) {
      throw check.failed(
          status, "cudnnBackendSetAttribute", this, attribute, attribute.type(), count, values);
    }
    return this;
  }

  /** Finalizes it. */
  Descriptor build() {
    check.ensureUsable();
    check.check(functions.backendFinalize(handle), "cudnnBackendFinalize", this);
    return this;
  }

  /**
   * Finalizes it unless cuDNN says that it does not support what it describes, or fails over it by
   * itself: then something else is to be tried.
   */
  boolean buildIfSupported() {
    check.ensureUsable();
    int status = functions.backendFinalize(handle);
    if (status == CUDNN_STATUS_SUCCESS) {
      return true;
    }
    RuntimeException failure = check.failed(status, "cudnnBackendFinalize", this);
    check.ensureUsable(); // a kernel's fault is no answer
    if (!unsupported(status)) {
      throw failure;
    }
    return false;
  }

  /** Whether a status is of the category "not supported" (3...) or "internal error" (4...). */
  private static boolean unsupported(int status) {
    int category = status / CATEGORY * CATEGORY;
    return category == CUDNN_STATUS_NOT_SUPPORTED || category == CUDNN_STATUS_INTERNAL_ERROR;
  }

  /** Returns how many elements an attribute has. */
  long count(Attribute attribute) {
    return get(attribute, 0, MemorySegment.NULL);
  }

  /** Reads a whole number. */
  long number(Attribute attribute) {
    long[] values = numbers(attribute, 1);
    if (values.length != 1) {
      throw new IllegalStateException(this + " has no " + attribute);
    }
    return values[0];
  }

  /** Reads whole numbers or enum values, {@code room} at most. */
  long[] numbers(Attribute attribute, int room) {
    try (Arena arena = Arena.ofConfined()) {
      int bytes = attribute.type().bytes();
      MemorySegment elements = arena.allocate((long) bytes * room, Long.BYTES);
      long[] values = new long[(int) Math.min(get(attribute, room, elements), room)];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            bytes == Integer.BYTES
                ? elements.getAtIndex(C.INT, i)
                : elements.getAtIndex(C.INT64, i);
      }
      return values;
    }
  }

  /** Reads descriptors into empty ones of the right type; returns how many it read. */
  int read(Attribute attribute, List<Descriptor> into) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment elements = arena.allocate((long) Long.BYTES * into.size(), Long.BYTES);
      for (int i = 0; i < into.size(); i++) {
        elements.setAtIndex(C.HANDLE, i, into.get(i).handle);
      }
      return (int) Math.min(get(attribute, into.size(), elements), into.size());
    }
  }

  private long get(Attribute attribute, long requested, MemorySegment elements) {
    check.ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment count = arena.allocate(C.INT64);
      int status =
          functions.backendGetAttribute(
              handle, attribute.value(), attribute.type().value(), requested, count, elements);
      if (status != CUDNN_STATUS_SUCCESS) {
        throw check.failed(
            status, "cudnnBackendGetAttribute", this, attribute, attribute.type(), requested);
      }
      return count.get(C.INT64, 0);
    }
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      check.checkRelease(
          functions.backendDestroyDescriptor(handle), "cudnnBackendDestroyDescriptor", this);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
