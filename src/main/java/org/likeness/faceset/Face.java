package org.likeness.faceset;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * One usable face of a {@link Faceset}: {@code name} is its file name ({@code person/name} in a pak
 * of several people), always safe to resolve against a folder; {@code width} and {@code height} are
 * its JPG's, {@code content} tells it from any other face. The pixels stay on the disk.
 */
public record Face(
    String name, AlignedFace metadata, int width, int height, Place place, String content) {
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

  static Face of(String name, AlignedFace metadata, JpegLayout layout, Place place, byte[] jpg) {
    return new Face(name, metadata, layout.width(), layout.height(), place, content(jpg, metadata));
  }

  /** Whether this is still the picture that was listed. */
  boolean isOf(byte[] jpg) {
    return content.equals(content(jpg, metadata));
  }

  /** SHA-256 in hexadecimal of all that a prepared face comes from. */
  private static String content(byte[] jpg, AlignedFace metadata) {
    double[] xy = metadata.landmarks().xy();
    byte[] mask = metadata.xsegMask() == null ? new byte[0] : metadata.xsegMask();
    ByteBuffer numbers = ByteBuffer.allocate(3 * Integer.BYTES + (xy.length + 1) * Double.BYTES);
    numbers.putInt(jpg.length).putInt(mask.length).putInt(metadata.type().id());
    numbers.putDouble(metadata.eyebrowsExpandMod());
    for (double v : xy) {
      numbers.putDouble(v);
    }
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(numbers.array());
      digest.update(jpg);
      return HexFormat.of().formatHex(digest.digest(mask));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
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
