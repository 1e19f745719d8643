package org.likeness.faceset;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * One usable face of a {@link Faceset}: {@code name} is its file name ({@code person/name} in a pak
 * of several people), always safe to resolve against a folder; {@code width} and {@code height} are
 * its JPG's. The pixels stay on the disk.
 */
public record Face(String name, AlignedFace metadata, int width, int height, Place place) {
  /** The JPG's bytes: a file, or {@code length} bytes of a pak at {@code offset}. */
  public record Place(Path file, long offset, long length) {
    private static final long WHOLE = -1;

    static Place file(Path file) {
      return new Place(file, 0, WHOLE);
    }

    byte[] read() throws IOException {
      if (length == WHOLE) {
        return Files.readAllBytes(file);
      }
      ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(length));
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        while (bytes.hasRemaining()) {
          if (channel.read(bytes, offset + bytes.position()) < 0) {
            throw new EOFException(file + " is shorter than when it was opened");
          }
        }
      }
      return bytes.array();
    }
  }

  /** The encoded picture, read anew. */
  public byte[] jpg() throws IOException {
    return place.read();
  }

  /** Bytes of the encoded picture. */
  long size() throws IOException {
    return place.length() == Place.WHOLE ? Files.size(place.file()) : place.length();
  }

  /** For messages. */
  String where() {
    return place.length() == Place.WHOLE
        ? place.file().toString()
        : place.file() + " (" + name + ")";
  }
}
