package org.likeness.cuda.cublaslt;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.cuda.LibraryCheck;
import org.likeness.ffi.C;

/** A descriptor of cuBLASLt: of an operation, of a matrix in memory, or of a preference. */
final class LtDescriptor implements AutoCloseable {
  private final LibraryCheck check;
  private final Kind kind;
  private final long handle;
  private boolean open = true;

  /** What a kind's functions are called, and those that need no arguments of its own. */
  private record Kind(String prefix, Setter setter, Destroyer destroyer) {}

  @FunctionalInterface
  private interface Maker {
    int make(MemorySegment out);
  }

  @FunctionalInterface
  private interface Setter {
    int set(long descriptor, int attribute, MemorySegment value, long size);
  }

  @FunctionalInterface
  private interface Destroyer {
    int destroy(long descriptor);
  }

  private LtDescriptor(LibraryCheck check, Kind kind, Maker maker, Object... arguments) {
    this.check = check;
    this.kind = kind;
    check.ensureUsable();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.HANDLE);
      check.check(maker.make(out), kind.prefix + "Create", arguments);
      handle = out.get(C.HANDLE, 0);
    }
  }

  /** Describes an operation. */
  static LtDescriptor matmul(CublasLtCalls calls, int computeType, int scaleType) {
    CublasLtFunctions f = calls.functions();
    return new LtDescriptor(
        calls.check(),
        new Kind("cublasLtMatmulDesc", f::matmulDescSetAttribute, f::matmulDescDestroy),
        out -> f.matmulDescCreate(out, computeType, scaleType),
        computeType,
        scaleType);
  }

  /** Describes a dense column-major matrix. */
  static LtDescriptor layout(CublasLtCalls calls, int type, long rows, long columns) {
    CublasLtFunctions f = calls.functions();
    return new LtDescriptor(
        calls.check(),
        new Kind("cublasLtMatrixLayout", (d, a, v, s) -> refuse(), f::matrixLayoutDestroy),
        out -> f.matrixLayoutCreate(out, type, rows, columns, rows),
        type,
        rows,
        columns,
        rows);
  }

  /** Describes which algorithms are wanted. */
  static LtDescriptor preference(CublasLtCalls calls) {
    CublasLtFunctions f = calls.functions();
    return new LtDescriptor(
        calls.check(),
        new Kind(
            "cublasLtMatmulPreference",
            f::matmulPreferenceSetAttribute,
            f::matmulPreferenceDestroy),
        f::matmulPreferenceCreate);
  }

  private static int refuse() {
    throw new UnsupportedOperationException("a matrix layout is complete when it is made");
  }

  long handle() {
    return handle;
  }

  /** Sets a 32-bit attribute. */
  LtDescriptor set(int attribute, int value) {
    try (Arena arena = Arena.ofConfined()) {
      return set(attribute, arena.allocateFrom(C.INT, value), value);
    }
  }

  /** Sets a 64-bit attribute, or an address. */
  LtDescriptor set(int attribute, long value) {
    try (Arena arena = Arena.ofConfined()) {
      return set(attribute, arena.allocateFrom(C.INT64, value), value);
    }
  }

  private LtDescriptor set(int attribute, MemorySegment bytes, Object value) {
    check.ensureUsable();
    check.check(
        kind.setter.set(handle, attribute, bytes, bytes.byteSize()),
        kind.prefix + "SetAttribute",
        attribute,
        value,
        bytes.byteSize());
    return this;
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      check.checkRelease(kind.destroyer.destroy(handle), kind.prefix + "Destroy");
    }
  }
}
