package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.likeness.graph.DType;

/** Moves between a device's memory and the oracle's double arrays. */
final class Values {
  private Values() {}

  static double[] load(MemorySegment memory, DType dtype, long elements) {
    double[] values = new double[Math.toIntExact(elements)];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (dtype) {
            case F32 -> memory.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            case F64 -> memory.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            case I64 -> memory.getAtIndex(ValueLayout.JAVA_LONG, i);
            case U8 -> Byte.toUnsignedInt(memory.get(ValueLayout.JAVA_BYTE, i));
            case BF16 -> widenBf16(memory.getAtIndex(ValueLayout.JAVA_SHORT, i));
            case F16 -> Float.float16ToFloat(memory.getAtIndex(ValueLayout.JAVA_SHORT, i));
          };
    }
    return values;
  }

  static void store(MemorySegment memory, DType dtype, double[] values) {
    for (int i = 0; i < values.length; i++) {
      double v = values[i];
      switch (dtype) {
        case F32 -> memory.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) v);
        case F64 -> memory.setAtIndex(ValueLayout.JAVA_DOUBLE, i, v);
        case I64 -> memory.setAtIndex(ValueLayout.JAVA_LONG, i, (long) v);
        case U8 -> memory.set(ValueLayout.JAVA_BYTE, i, (byte) Math.clamp(v, 0, 255));
        case BF16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, i, narrowBf16((float) v));
        case F16 -> memory.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16((float) v));
      }
    }
  }

  private static float widenBf16(short bits) {
    return Float.intBitsToFloat(bits << 16);
  }

  /** Rounds to the nearest bf16, ties to even; a NaN becomes the one without payload. */
  private static short narrowBf16(float v) {
    if (Float.isNaN(v)) {
      return 0x7fff;
    }
    int bits = Float.floatToRawIntBits(v);
    return (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
  }
}
