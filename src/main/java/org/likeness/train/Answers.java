package org.likeness.train;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.likeness.faceset.AlignedFace;
import org.likeness.faceset.AlignedJpg;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.Landmarks;
import org.likeness.faceset.SourceFrame;
import org.likeness.faceset.synthetic.RenderedHead;
import org.likeness.faceset.synthetic.SyntheticFaceset;

/**
 * Swaps whose true answer is known, on disk: {@code dst} holds aligned faces, {@code truth} for
 * each the src person in the same scene and crop, with the exact mask of the face. Both are aligned
 * JPGs, so that faces and answers come to the model's size in the same way.
 */
final class Answers {
  private static final float QUALITY = 0.95f;
  static final String DST = "dst";
  static final String TRUTH = "truth";

  private Answers() {}

  /** Writes {@code n} of them into a new folder. */
  static void write(Path folder, FaceType type, int n, IntFunction<SyntheticFaceset.Swap> swaps)
      throws IOException {
    Files.createDirectories(folder.resolve(DST));
    Files.createDirectories(folder.resolve(TRUTH));
    for (int i = 0; i < n; i++) {
      SyntheticFaceset.Swap swap = swaps.apply(i);
      String name = String.format(Locale.ROOT, "%05d_0.jpg", i);
      Landmarks landmarks = landmarks(swap.dst());
      write(folder.resolve(DST).resolve(name), type, landmarks, swap.dst());
      write(folder.resolve(TRUTH).resolve(name), type, landmarks, swap.truth());
    }
  }

  private static void write(Path file, FaceType type, Landmarks landmarks, RenderedHead head)
      throws IOException {
    int size = head.size();
    BufferedImage picture = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
    BufferedImage mask = new BufferedImage(size, size, BufferedImage.TYPE_BYTE_GRAY);
    byte[] bgr = head.bgr();
    for (int i = 0; i < size * size; i++) {
      int rgb = (bgr[3 * i + 2] & 255) << 16 | (bgr[3 * i + 1] & 255) << 8 | bgr[3 * i] & 255;
      picture.setRGB(i % size, i / size, rgb);
    }
    mask.getRaster().setDataElements(0, 0, size, size, head.mask());
    byte[] maskPng = png(mask);
    AlignedFace face = new AlignedFace(type, landmarks, 1, maskPng, List.of(), SourceFrame.UNKNOWN);
    AlignedJpg.write(file, jpg(picture), face);
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static byte[] jpg(BufferedImage image) throws IOException {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static Landmarks landmarks(RenderedHead head) {
    double[] xy = new double[2 * Landmarks.COUNT];
    for (int i = 0; i < Landmarks.COUNT; i++) {
      xy[2 * i] = head.landmarks()[i][0];
      xy[2 * i + 1] = head.landmarks()[i][1];
    }
    return new Landmarks(xy);
  }
}
