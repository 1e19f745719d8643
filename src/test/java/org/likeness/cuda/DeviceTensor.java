package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.random.RandomGenerator;

/** Elements of a type on a device, and what they are as numbers. */
public record DeviceTensor(ElementType type, DeviceMemory memory, double[] values)
    implements AutoCloseable {
  /** Makes a tensor of numbers between -1 and 1 that the type holds exactly. */
  public static DeviceTensor random(
      CudaContext context, ElementType type, int size, RandomGenerator random) {
    double[] values = random.doubles(size, -1, 1).map(v -> decode(type, encode(type, v))).toArray();
    DeviceTensor made =
        new DeviceTensor(type, context.allocate((long) size * type.bytes()), values);
    made.write();
    return made;
  }

  private void write() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(memory.bytes(), 8);
      for (int i = 0; i < values.length; i++) {
        if (type == ElementType.F32) {
          bytes.setAtIndex(ValueLayout.JAVA_INT, i, encode(type, values[i]));
        } else {
          bytes.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) encode(type, values[i]));
        }
      }
      memory.write(0, bytes);
    }
  }

  /** Reads what the device holds now. */
  public double[] read() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment bytes = arena.allocate(memory.bytes(), 8);
      memory.read(0, bytes);
      double[] read = new double[values.length];
      for (int i = 0; i < read.length; i++) {
        read[i] =
            decode(
                type,
                type == ElementType.F32
                    ? bytes.getAtIndex(ValueLayout.JAVA_INT, i)
                    : bytes.getAtIndex(ValueLayout.JAVA_SHORT, i));
      }
      return read;
    }
  }

  private static int encode(ElementType type, double value) {
    int f32 = Float.floatToRawIntBits((float) value);
    return switch (type) {
      case F32 -> f32;
      case BF16 -> (f32 + 0x7fff + (f32 >>> 16 & 1)) >>> 16;
      case F16 -> Float.floatToFloat16((float) value);
    };
  }

  private static double decode(ElementType type, int bits) {
    return switch (type) {
      case F32 -> Float.intBitsToFloat(bits);
      case BF16 -> Float.intBitsToFloat(bits << 16);
      case F16 -> Float.float16ToFloat((short) bits);
    };
  }

  public long address() {
    return memory.address();
  }

  @Override
  public void close() {
    memory.close();
  }
}
