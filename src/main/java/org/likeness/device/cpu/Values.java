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
            case BF16, F16 -> throw unsupported(dtype);
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
        case BF16, F16 -> throw unsupported(dtype);
      }
    }
  }

  private static IllegalArgumentException unsupported(DType dtype) {
    return new IllegalArgumentException("the CPU device does not compute in " + dtype + " yet");
  }
}
