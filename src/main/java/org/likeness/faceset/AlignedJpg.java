package org.likeness.faceset;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.likeness.format.FormatException;
import org.likeness.format.Pickle;

/**
 * An aligned face as a file: a JPG whose APP15 segment is a pickle of {@link AlignedFace} (spec
 * data.md 1).
 */
public final class AlignedJpg {
  /** Bytes of a file that is still looked at. */
  static final int LARGEST_FILE = 64 << 20;

  private static final int LARGEST_PAYLOAD = 65533;
  private static final int SMALLEST_SIDE = 32; // the eye and mouth masks need it
  private static final int LARGEST_SIDE = 8192;

  /** A picture's layout and what its metadata say. */
  record Contents(JpegLayout layout, AlignedFace face) {}

  private AlignedJpg() {}

  /** Reads and checks one file; a FacesetException names it and the reason. */
  public static AlignedFace read(Path path) throws IOException {
    try {
      return contents(bytes(path)).face();
    } catch (FormatException e) {
      throw new FacesetException(path + " cannot be used: it " + e.getMessage() + ".");
    }
  }

  /** The whole file, unless it is far too long for a picture. */
  static byte[] bytes(Path path) throws IOException {
    long size = Files.size(path);
    if (size > LARGEST_FILE) {
      throw new FormatException("is too long for a face, " + size + " bytes");
    }
    return Files.readAllBytes(path);
  }

  /** A FormatException's message is a predicate about the file. */
  static Contents contents(byte[] file) throws FormatException {
    JpegLayout layout = checked(file);
    if (layout.app15().isEmpty()) {
      throw new FormatException("has no metadata: it is not an aligned face of DeepFaceLab");
    }
    JpegLayout.Segment last = layout.app15().getLast();
    byte[] payload = Arrays.copyOfRange(file, last.begin() + 4, last.end());
    Object value;
    try {
      value = Pickle.read(payload);
    } catch (FormatException e) {
      throw new FormatException("has metadata that cannot be read: their pickle " + e.getMessage());
    }
    AlignedFace face = FaceMetadata.read(value, layout.width(), layout.height());
    return new Contents(layout, face);
  }

  /** The layout of a complete colour JPG of a size that can be trained on. */
  static JpegLayout checked(byte[] file) throws FormatException {
    JpegLayout layout = JpegLayout.of(file);
    if (layout.components() != 3) {
      throw new FormatException(
          layout.components() == 1
              ? "is grayscale: aligned faces are colour JPGs"
              : "has " + layout.components() + " colour components: aligned faces have 3");
    }
    int small = Math.min(layout.width(), layout.height());
    int large = Math.max(layout.width(), layout.height());
    if (small < SMALLEST_SIDE || large > LARGEST_SIDE) {
      throw new FormatException(
          "is %d x %d pixels: aligned faces have sides of %d to %d"
              .formatted(layout.width(), layout.height(), SMALLEST_SIDE, LARGEST_SIDE));
    }
    return layout;
  }

  /**
   * Writes {@code jpg} with {@code face} as its only APP15, by way of a temporary file beside
   * {@code path}: the old file stays whole until the new one is.
   */
  public static void write(Path path, byte[] jpg, AlignedFace face) throws IOException {
    byte[] file;
    try {
      file = withMetadata(jpg, face);
    } catch (FormatException e) {
      throw new FacesetException(path + " was not written: the picture " + e.getMessage() + ".");
    }
    SafeFile.replace(path, file);
  }

  static byte[] withMetadata(byte[] jpg, AlignedFace face) throws FormatException {
    JpegLayout layout = JpegLayout.of(jpg);
    byte[] payload = Pickle.write(FaceMetadata.write(face));
    if (payload.length > LARGEST_PAYLOAD) {
      throw new FormatException(
          "has metadata of %d bytes, more than the %d that a JPG segment holds"
              .formatted(payload.length, LARGEST_PAYLOAD));
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(jpg.length + payload.length + 4);
    int copied = copyWithoutApp15(jpg, 0, layout.lastAppEnd(), layout, out);
    int length = payload.length + 2;
    out.writeBytes(new byte[] {(byte) 0xff, (byte) 0xef, (byte) (length >> 8), (byte) length});
    out.writeBytes(payload);
    copyWithoutApp15(jpg, copied, jpg.length, layout, out);
    return out.toByteArray();
  }

  private static int copyWithoutApp15(
      byte[] jpg, int from, int to, JpegLayout layout, ByteArrayOutputStream out) {
    int at = from;
    for (JpegLayout.Segment segment : layout.app15()) {
      if (segment.begin() >= at && segment.end() <= to) {
        out.write(jpg, at, segment.begin() - at);
        at = segment.end();
      }
    }
    out.write(jpg, at, to - at);
    return to;
  }
}
