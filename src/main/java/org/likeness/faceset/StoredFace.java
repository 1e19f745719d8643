package org.likeness.faceset;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * A prepared face as a file, little endian: a magic number, a checksum of all that follows and of
 * the name that it is kept under, then the floats of image, mask and em.
 */
final class StoredFace {
  private static final long MAGIC = 0x3130656361666b6cL; // "lkface01"
  private static final int HEADER = 2 * Long.BYTES;
  private static final long PRIME = 0x100000001b3L; // of FNV-1a
  private static final ValueLayout.OfLong LONG = JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT = JAVA_FLOAT.withOrder(ByteOrder.LITTLE_ENDIAN);

  private StoredFace() {}

  static long bytes(PreparedFace face) {
    return HEADER + face.byteSize();
  }

  static void write(FileChannel channel, String name, PreparedFace face) throws IOException {
    ByteBuffer file =
        ByteBuffer.allocate(Math.toIntExact(bytes(face))).order(ByteOrder.LITTLE_ENDIAN);
    file.putLong(MAGIC).putLong(checksum(name, face));
    for (Raster plane : planes(face)) {
      file.asFloatBuffer().put(plane.values());
      file.position(file.position() + Float.BYTES * plane.values().length);
    }
    file.flip();
    while (file.hasRemaining()) {
      channel.write(file);
    }
  }

  /** What was kept under that name; null where the file does not hold all of it. */
  static PreparedFace read(Path file, String name, Preparation preparation) {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      PreparedFace blank = preparation.blank();
      long size = bytes(blank);
      return channel.size() == size
          ? filled(blank, channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena), name)
          : null;
    } catch (IOException e) {
      return null;
    }
  }

  /** The face with what is mapped, or null; judged by what was copied, so it may change. */
  static PreparedFace filled(PreparedFace face, MemorySegment mapped, String name) {
    try {
      long at = HEADER;
      for (Raster plane : planes(face)) {
        float[] values = plane.values();
        MemorySegment.copy(mapped, FLOAT, at, values, 0, values.length);
        at += Float.BYTES * (long) values.length;
      }
      long sum = checksum(name, face);
      return mapped.get(LONG, 0) == MAGIC && mapped.get(LONG, Long.BYTES) == sum ? face : null;
    } catch (InternalError e) {
      return null; // Java's word for a mapped file that was cut off, or a disk that failed
    }
  }

  private static List<Raster> planes(PreparedFace face) {
    List<Raster> planes = new ArrayList<>(List.of(face.image(), face.mask()));
    if (face.em() != null) {
      planes.add(face.em());
    }
    return planes;
  }

  private static long checksum(String name, PreparedFace face) {
    long sum = MAGIC;
    for (int i = 0; i < name.length(); i++) {
      sum = (sum ^ name.charAt(i)) * PRIME;
    }
    for (Raster plane : planes(face)) {
      sum = checksum(sum, plane.values());
    }
    return sum;
  }

  /** FNV-1a over whole words in four lanes, because one would wait for its multiplications. */
  static long checksum(long seed, float[] values) {
    long a = seed;
    long b = seed + 1;
    long c = seed + 2;
    long d = seed + 3;
    int whole = values.length & ~3;
    for (int i = 0; i < whole; i += 4) {
      a = (a ^ Float.floatToRawIntBits(values[i])) * PRIME;
      b = (b ^ Float.floatToRawIntBits(values[i + 1])) * PRIME;
      c = (c ^ Float.floatToRawIntBits(values[i + 2])) * PRIME;
      d = (d ^ Float.floatToRawIntBits(values[i + 3])) * PRIME;
    }
    for (int i = whole; i < values.length; i++) {
      a = (a ^ Float.floatToRawIntBits(values[i])) * PRIME;
    }
    return (((a * PRIME ^ b) * PRIME ^ c) * PRIME ^ d) * PRIME;
  }
}
