package org.likeness.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * One named array: {@code data} holds the product of {@code shape} elements in C order,
 * little-endian. Data of a {@link SafetensorsFile} is a view of the mapped file and dies with it.
 */
public record SafetensorsTensor(String name, Dtype dtype, long[] shape, MemorySegment data) {
  private static final int LARGEST_ARRAY = Integer.MAX_VALUE - 8;

  /** Refuses a shape whose bytes are not exactly those of {@code data}. */
  public SafetensorsTensor {
    shape = shape.clone();
    long bytes;
    try {
      bytes = byteSize(dtype, shape);
    } catch (ArithmeticException e) {
      bytes = -1;
    }
    if (bytes != data.byteSize()) {
      throw new IllegalArgumentException(
          "tensor '%s' %s %s does not fit its %d bytes of data"
              .formatted(name, dtype, Arrays.toString(shape), data.byteSize()));
    }
  }

  /** An F32 tensor over {@code values}, not copied. */
  public static SafetensorsTensor of(String name, float[] values, long... shape) {
    return new SafetensorsTensor(name, Dtype.F32, shape, MemorySegment.ofArray(values));
  }

  /** An F64 tensor over {@code values}, not copied. */
  public static SafetensorsTensor of(String name, double[] values, long... shape) {
    return new SafetensorsTensor(name, Dtype.F64, shape, MemorySegment.ofArray(values));
  }

  /** An I64 tensor over {@code values}, not copied. */
  public static SafetensorsTensor of(String name, long[] values, long... shape) {
    return new SafetensorsTensor(name, Dtype.I64, shape, MemorySegment.ofArray(values));
  }

  /** A copy: records share their arrays otherwise. */
  @Override
  public long[] shape() {
    return shape.clone();
  }

  /** Number of elements; 1 for a scalar. */
  public long size() {
    return data.byteSize() / dtype.bytes();
  }

  /** Element {@code i} in C order, as a double (I64 beyond 2^53 is rounded). */
  public double doubleAt(long i) {
    return switch (dtype) {
      case F64 -> data.get(JAVA_DOUBLE_UNALIGNED, i * 8);
      case F32 -> data.get(JAVA_FLOAT_UNALIGNED, i * 4);
      case F16 -> Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, i * 2));
      case BF16 -> Float.intBitsToFloat(data.get(JAVA_SHORT_UNALIGNED, i * 2) << 16);
      case I64, I32, I16, I8, U8, BOOL -> longAt(i);
    };
  }

  /** Element {@code i} in C order, of an integer tensor. */
  public long longAt(long i) {
    return switch (dtype) {
      case I64 -> data.get(JAVA_LONG_UNALIGNED, i * 8);
      case I32 -> data.get(JAVA_INT_UNALIGNED, i * 4);
      case I16 -> data.get(JAVA_SHORT_UNALIGNED, i * 2);
      case I8 -> data.get(JAVA_BYTE, i);
      case U8, BOOL -> data.get(JAVA_BYTE, i) & 0xff;
      case F64, F32, F16, BF16 ->
          throw new IllegalArgumentException(
              "tensor '" + name + "' is " + dtype + ", not integers");
    };
  }

  /** All elements in C order, converted. */
  public float[] floats() {
    float[] values = new float[arrayLength()];
    if (dtype == Dtype.F32) {
      MemorySegment.copy(data, JAVA_FLOAT_UNALIGNED, 0, values, 0, values.length);
      return values;
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) doubleAt(i);
    }
    return values;
  }

  /** All elements in C order, converted. */
  public double[] doubles() {
    double[] values = new double[arrayLength()];
    for (int i = 0; i < values.length; i++) {
      values[i] = doubleAt(i);
    }
    return values;
  }

  /** All elements in C order, of an integer tensor. */
  public long[] longs() {
    long[] values = new long[arrayLength()];
    for (int i = 0; i < values.length; i++) {
      values[i] = longAt(i);
    }
    return values;
  }

  private int arrayLength() {
    if (size() > LARGEST_ARRAY) {
      throw new IllegalArgumentException(
          "tensor '%s' has %d elements, too many for one array".formatted(name, size()));
    }
    return (int) size();
  }

  /** Bytes that {@code shape} takes; ArithmeticException on overflow or a negative extent. */
  static long byteSize(Dtype dtype, long[] shape) {
    long bytes = dtype.bytes();
    boolean empty = false;
    for (long extent : shape) {
      if (extent < 0) {
        throw new ArithmeticException("negative extent");
      }
      empty |= extent == 0;
      bytes = Math.multiplyExact(bytes, Math.max(1, extent));
    }
    return empty ? 0 : bytes;
  }
}
