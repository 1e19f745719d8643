package org.likeness.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;

/**
 * A NumPy array out of a pickle: C order, little-endian, type code kind + bytes per element ({@code
 * f8 f4 f2 i1..i8 u1..u8 b1}). Its data may be a view of the pickle's bytes.
 */
public final class NdArray {
  private String type;
  private long[] shape;
  private MemorySegment data;

  /** An array that a pickle has named but not yet filled. */
  NdArray() {}

  private NdArray(String type, long[] shape, MemorySegment data) {
    fill(type, shape, data);
  }

  /** A one-dimensional {@code u1} array over {@code bytes}, not copied. */
  public static NdArray of(byte[] bytes) {
    return new NdArray("u1", new long[] {bytes.length}, MemorySegment.ofArray(bytes));
  }

  /** An {@code f8} array over {@code values}, not copied. */
  public static NdArray of(double[] values, long... shape) {
    return new NdArray("f8", shape.clone(), MemorySegment.ofArray(values));
  }

  /** An {@code f4} array over {@code values}, not copied. */
  public static NdArray of(float[] values, long... shape) {
    return new NdArray("f4", shape.clone(), MemorySegment.ofArray(values));
  }

  void fill(String type, long[] shape, MemorySegment data) {
    long bytes = itemSize(type);
    for (long extent : shape) {
      bytes = Math.multiplyExact(bytes, extent);
    }
    if (bytes != data.byteSize()) {
      throw new IllegalArgumentException(
          "an array of %d bytes does not fit its %d bytes of data"
              .formatted(bytes, data.byteSize()));
    }
    this.type = type;
    this.shape = shape;
    this.data = data;
  }

  boolean filled() {
    return data != null;
  }

  /** Kind and bytes per element, for example {@code f4}. */
  public String type() {
    return type;
  }

  /** A copy of the extents; empty for a scalar. */
  public long[] shape() {
    return shape.clone();
  }

  /** The elements' bytes. */
  public MemorySegment data() {
    return data;
  }

  /** Number of elements. */
  public long size() {
    return data.byteSize() / itemSize(type);
  }

  /** Element {@code i} in C order, as a double. */
  public double doubleAt(long i) {
    return switch (type) {
      case "f8" -> data.get(JAVA_DOUBLE_UNALIGNED, i * 8);
      case "f4" -> data.get(JAVA_FLOAT_UNALIGNED, i * 4);
      case "f2" -> Float.float16ToFloat(data.get(JAVA_SHORT_UNALIGNED, i * 2));
      case "u8" -> {
        long value = longAt(i);
        yield value >= 0 ? value : value + 0x1p64;
      }
      default -> longAt(i);
    };
  }

  /** Element {@code i} in C order; {@code u8} beyond 2^63 wraps, floats are truncated. */
  public long longAt(long i) {
    return switch (type) {
      case "i8", "u8" -> data.get(JAVA_LONG_UNALIGNED, i * 8);
      case "i4" -> data.get(JAVA_INT_UNALIGNED, i * 4);
      case "u4" -> data.get(JAVA_INT_UNALIGNED, i * 4) & 0xffffffffL;
      case "i2" -> data.get(JAVA_SHORT_UNALIGNED, i * 2);
      case "u2" -> data.get(JAVA_SHORT_UNALIGNED, i * 2) & 0xffff;
      case "i1" -> data.get(JAVA_BYTE, i);
      case "u1", "b1" -> data.get(JAVA_BYTE, i) & 0xff;
      default -> (long) doubleAt(i);
    };
  }

  /** All elements in C order; at most 2^31 of them. */
  public double[] doubles() {
    double[] values = new double[Math.toIntExact(size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = doubleAt(i);
    }
    return values;
  }

  /** The elements' bytes, copied; at most 2^31 of them. */
  public byte[] bytes() {
    return data.toArray(JAVA_BYTE);
  }

  static int itemSize(String type) {
    return type.charAt(1) - '0';
  }
}
