package org.likeness.faceset.synthetic;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.metadata.IIOMetadataNode;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/** Encodes rendered heads, each picture marked as synthetic. */
final class Pictures {
  private static final String COMMENT = "synthetic face rendered by Likeness: not a real person";
  private static final float JPG_QUALITY = 0.93f;

  static {
    ImageIO.setUseCache(false);
  }

  private Pictures() {}

  static BufferedImage image(RenderedHead head) {
    int n = head.size();
    BufferedImage image = new BufferedImage(n, n, BufferedImage.TYPE_INT_RGB);
    int[] rgb = new int[n * n];
    byte[] b = head.bgr();
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = ((b[3 * i + 2] & 255) << 16) | ((b[3 * i + 1] & 255) << 8) | (b[3 * i] & 255);
    }
    image.setRGB(0, 0, n, n, rgb, 0, n);
    return image;
  }

  /** A JPG with a comment segment that says what it is. */
  static byte[] jpg(RenderedHead head) throws IOException {
    return jpg(image(head), JPG_QUALITY);
  }

  static byte[] jpg(BufferedImage image, float quality) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(quality);
      byte[] plain = encode(writer, new IIOImage(image, null, null), how);
      return commented(plain);
    } finally {
      writer.dispose();
    }
  }

  private static byte[] encode(ImageWriter writer, IIOImage image, ImageWriteParam how)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, image, how);
    }
    return bytes.toByteArray();
  }

  /** Inserts the comment after the JFIF segment, which must come first. */
  private static byte[] commented(byte[] jpg) {
    byte[] text = COMMENT.getBytes(StandardCharsets.US_ASCII);
    int at = 4 + (((jpg[4] & 255) << 8) | (jpg[5] & 255));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpg, 0, at);
    out.write(0xff);
    out.write(0xfe);
    out.write((text.length + 2) >> 8);
    out.write(text.length + 2);
    out.writeBytes(text);
    out.write(jpg, at, jpg.length - at);
    return out.toByteArray();
  }

  static byte[] png(RenderedHead head) throws IOException {
    return png(image(head));
  }

  static byte[] maskPng(RenderedHead head) throws IOException {
    int n = head.size();
    BufferedImage image = new BufferedImage(n, n, BufferedImage.TYPE_BYTE_GRAY);
    image.getRaster().setDataElements(0, 0, n, n, head.mask());
    return png(image);
  }

  /** A PNG with a text chunk that says what it is. */
  static byte[] png(BufferedImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("png").next();
    try {
      ImageWriteParam how = writer.getDefaultWriteParam();
      IIOMetadata data =
          writer.getDefaultImageMetadata(
              new ImageTypeSpecifier(image.getColorModel(), image.getSampleModel()), how);
      IIOMetadataNode entry = new IIOMetadataNode("tEXtEntry");
      entry.setAttribute("keyword", "Comment");
      entry.setAttribute("value", COMMENT);
      IIOMetadataNode text = new IIOMetadataNode("tEXt");
      text.appendChild(entry);
      IIOMetadataNode root = new IIOMetadataNode("javax_imageio_png_1.0");
      root.appendChild(text);
      data.mergeTree("javax_imageio_png_1.0", root);
      return encode(writer, new IIOImage(image, null, data), how);
    } finally {
      writer.dispose();
    }
  }

  /** Writes a file that must not exist yet. */
  static void writeNew(Path path, byte[] bytes) throws IOException {
    SyntheticFaceset.refuseExisting(path);
    Files.write(path, bytes, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }
}
