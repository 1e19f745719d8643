package org.likeness.faceset;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgcodecs;
import org.bytedeco.opencv.opencv_core.Mat;

/** Many faces on one picture. */
public final class ContactSheet {
  private static final int SIDE = 96;
  private static final int MOST = 400;

  private ContactSheet() {}

  /**
   * Writes a PNG of up to 400 faces, evenly taken from the faceset, 96 px each; those that cannot
   * be read stay black. Returns how many it shows.
   */
  public static int write(Faceset faceset, Path png) throws IOException {
    List<Face> faces = faceset.faces();
    int count = Math.min(MOST, faces.size());
    int columns = (int) Math.ceil(Math.sqrt(count * 1.5));
    int rows = (count + columns - 1) / columns;
    byte[] sheet = new byte[rows * columns * SIDE * SIDE * 3];
    int shown = 0;
    for (int i = 0; i < count; i++) {
      Face face = faces.get((int) ((long) i * faces.size() / count));
      int corner = (i / columns * SIDE * columns + i % columns) * SIDE * 3;
      shown += draw(face, sheet, corner, columns * SIDE * 3) ? 1 : 0;
    }
    SafeFile.replace(png, encoded(sheet, rows * SIDE, columns * SIDE));
    return shown;
  }

  private static boolean draw(Face face, byte[] sheet, int corner, int stride) {
    float[] small;
    try {
      small = PreparedFace.reference(face, SIDE).image().values();
    } catch (IOException e) {
      return false; // the report names it
    }
    for (int i = 0; i < small.length; i++) {
      int at = corner + i / (SIDE * 3) * stride + i % (SIDE * 3);
      sheet[at] = (byte) Math.round(Math.clamp(small[i], 0f, 1f) * 255);
    }
    return true;
  }

  private static byte[] encoded(byte[] pixels, int height, int width) {
    try (BytePointer data = new BytePointer(pixels);
        Mat picture = new Mat(height, width, opencv_core.CV_8UC3, data, Mat.AUTO_STEP);
        BytePointer file = new BytePointer()) {
      if (!opencv_imgcodecs.imencode(".png", picture, file)) {
        throw new IllegalStateException("OpenCV cannot write a PNG");
      }
      byte[] bytes = new byte[(int) file.limit()];
      file.get(bytes);
      return bytes;
    }
  }
}
