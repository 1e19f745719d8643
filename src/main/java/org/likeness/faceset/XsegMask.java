package org.likeness.faceset;

import java.nio.ByteBuffer;
import org.likeness.format.FormatException;

/** An applied XSeg mask: an encoded one-channel PNG or JPG of any size (spec data.md 1.7). */
final class XsegMask {
  private static final int LARGEST_SIDE = 8192;
  private static final long PNG_SIGNATURE = 0x89504e470d0a1a0aL;

  private XsegMask() {}

  /**
   * Decodes after a look at the claimed size; a FormatException's message is a predicate about the
   * face.
   */
  static OpenCv.Pixels decode(byte[] encoded) throws FormatException {
    int width;
    int height;
    if (encoded.length >= 24 && ByteBuffer.wrap(encoded).getLong() == PNG_SIGNATURE) {
      width = ByteBuffer.wrap(encoded).getInt(16);
      height = ByteBuffer.wrap(encoded).getInt(20);
    } else {
      try {
        JpegLayout layout = JpegLayout.of(encoded);
        width = layout.width();
        height = layout.height();
      } catch (FormatException e) {
        throw new FormatException("has an XSeg mask that is neither a PNG nor a JPG");
      }
    }
    if (width < 1 || height < 1 || width > LARGEST_SIDE || height > LARGEST_SIDE) {
      throw new FormatException("has an XSeg mask of " + width + " x " + height + " pixels");
    }
    try {
      return OpenCv.decodeGray(encoded);
    } catch (FormatException e) {
      throw new FormatException("has an XSeg mask that cannot be decoded");
    }
  }
}
