package org.likeness.device;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.likeness.graph.DType;

/** Values of every element type as doubles, in dense host memory. */
public final class HostValues {
  private HostValues() {}

  /** Returns the value nearest to {@code v} that the type can hold. */
  public static double round(double v, DType type) {
    return switch (type) {
      case F32 -> (float) v;
      case F64 -> v;
      case BF16 -> bfloat(bfloatBits((float) v));
      case F16 -> Float.float16ToFloat(Float.floatToFloat16((float) v));
      case I64 -> (long) v;
      case U8 -> Math.clamp(Math.rint(v), 0, 255);
    };
  }

  /** Reads element {@code i}. */
  public static double get(MemorySegment memory, DType type, long i) {
    return switch (type) {
      case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      case F64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
      case BF16 -> bfloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, i));
      case F16 -> Float.float16ToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, i));
      case I64 -> memory.getAtIndex(ValueLayout.JAVA_LONG, i);
      case U8 -> Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, i));
    };
  }

  /** Writes element {@code i}, rounded to the type. */
  public static void set(MemorySegment memory, DType type, long i, double v) {
    switch (type) {
      case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) v);
      case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, v);
      case BF16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, i, bfloatBits((float) v));
      case F16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16((float) v));
      case I64 -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, (long) v);
      case U8 -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) (int) round(v, DType.U8));
    }
  }

  /** Reads all elements. */
  public static double[] load(MemorySegment memory, DType type, long elements) {
    double[] values = new double[Math.toIntExact(elements)];
    for (int i = 0; i < values.length; i++) {
      values[i] = get(memory, type, i);
    }
    return values;
  }

  /** Writes all elements. */
  public static void store(MemorySegment memory, DType type, double[] values) {
    for (int i = 0; i < values.length; i++) {
      set(memory, type, i, values[i]);
    }
  }

  /** The high half of an f32, rounded to nearest even. */
  private static short bfloatBits(float v) {
    int bits = Float.floatToRawIntBits(v);
    if (Float.isNaN(v)) {
      return (short) 0x7FC0;
    }
    return (short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16);
  }

  private static double bfloat(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }
}
