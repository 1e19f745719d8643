package org.likeness.faceset;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Prepared faces that did not fit on the heap, in a memory-mapped temporary file that lives as long
 * as this object. Whatever goes wrong with it only means that a face is prepared again.
 */
final class SpilledFaces {
  private static final int ABSENT = 0;
  private static final int WRITING = 1;
  private static final int PRESENT = 2;
  private static final int SHARE_OF_DISK = 2;

  private final FileChannel channel;
  private final MemorySegment memory; // (faces, slot)
  private final PreparedFace shape; // any face: all are of one size
  private final long slot; // bytes
  private final AtomicIntegerArray states;

  private SpilledFaces(FileChannel channel, PreparedFace shape, int faces) throws IOException {
    this.channel = channel;
    this.shape = shape;
    this.slot = shape.byteSize();
    this.memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, slot * faces, Arena.ofAuto());
    this.states = new AtomicIntegerArray(faces);
  }

  /**
   * Room for that many faces like {@code shape} in {@code folder}; an IOException when the disk
   * would be more than half full of them.
   */
  static SpilledFaces open(Path folder, PreparedFace shape, int faces) throws IOException {
    if (Files.getFileStore(folder).getUsableSpace() / SHARE_OF_DISK < shape.byteSize() * faces) {
      throw new IOException(folder + " has too little space");
    }
    Path file = Files.createTempFile(folder, "likeness-faces-", ".cache");
    try {
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
      return new SpilledFaces(channel, shape, faces);
    } finally {
      delete(file);
    }
  }

  /** At once where a mapped file can be, else when Java ends. */
  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }

  /** Null when it is not here. */
  PreparedFace get(int index) {
    if (states.get(index) != PRESENT) {
      return null;
    }
    long[] at = {slot * index};
    return new PreparedFace(
        read(shape.image(), at),
        read(shape.mask(), at),
        shape.em() == null ? null : read(shape.em(), at));
  }

  private Raster read(Raster like, long[] at) {
    Raster raster = Raster.empty(like.width(), like.height(), like.channels());
    MemorySegment.copy(memory, JAVA_FLOAT, at[0], raster.values(), 0, raster.values().length);
    at[0] += 4L * raster.values().length;
    return raster;
  }

  void put(int index, PreparedFace face) {
    if (face.byteSize() != slot || !states.compareAndSet(index, ABSENT, WRITING)) {
      return;
    }
    try {
      // writing through the map alone would crash on a full disk, not fail
      ByteBuffer zeros = ByteBuffer.allocate(Math.toIntExact(slot));
      while (zeros.hasRemaining()) {
        channel.write(zeros, slot * index + zeros.position());
      }
    } catch (IOException e) {
      return; // full, or closed by an interrupt
    }
    long[] at = {slot * index};
    write(face.image(), at);
    write(face.mask(), at);
    if (face.em() != null) {
      write(face.em(), at);
    }
    states.set(index, PRESENT);
  }

  private void write(Raster raster, long[] at) {
    MemorySegment.copy(raster.values(), 0, memory, JAVA_FLOAT, at[0], raster.values().length);
    at[0] += 4L * raster.values().length;
  }
}
