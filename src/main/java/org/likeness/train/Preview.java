package org.likeness.train;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;

/**
 * A picture of what a session has learned: a column for each kind of face, a row for each sample
 * with its masks below, and the losses so far (columns and graph as spec model.md 6.7).
 */
final class Preview {
  private static final int LABEL = 20;
  private static final int GRAPH = 100;
  private static final int SMALLEST_TILE = 128;
  private static final int LARGEST_TILE = 256;
  private static final Color BACKGROUND = new Color(26, 26, 26);
  private static final Color SRC = new Color(80, 160, 255);
  private static final Color DST = new Color(255, 190, 60);

  /**
   * Faces of one kind.
   *
   * @param images (n, side, side, 3), BGR, 0 to 1
   * @param masks (n, side, side, 1)
   */
  record Column(String label, float[] images, float[] masks) {}

  private Preview() {}

  /** Draws the first {@code rows} samples of every column. */
  static BufferedImage draw(
      List<Column> columns, int side, int rows, String title, List<LossHistory.Entry> losses) {
    int tile = tile(side);
    int width = tile * columns.size();
    BufferedImage picture =
        new BufferedImage(width, 2 * LABEL + 2 * rows * tile + GRAPH, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = picture.createGraphics();
    try {
      g.setRenderingHint(
          RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BICUBIC);
      g.setColor(BACKGROUND);
      g.fillRect(0, 0, width, picture.getHeight());
      for (int c = 0; c < columns.size(); c++) {
        Column column = columns.get(c);
        label(g, column.label(), c * tile + 6, LABEL - 6);
        for (int row = 0; row < rows; row++) {
          int y = LABEL + 2 * row * tile;
          g.drawImage(image(column.images(), row, side, 3), c * tile, y, tile, tile, null);
          g.drawImage(image(column.masks(), row, side, 1), c * tile, y + tile, tile, tile, null);
        }
      }
      int graphTop = LABEL + 2 * rows * tile;
      label(g, title, 6, graphTop + LABEL - 6);
      graph(g, losses, width, graphTop + LABEL);
    } finally {
      g.dispose();
    }
    return picture;
  }

  private static int tile(int side) {
    return side < SMALLEST_TILE
        ? side * Math.ceilDiv(SMALLEST_TILE, side)
        : Math.min(side, LARGEST_TILE);
  }

  /** Sample {@code n} of (n, side, side, channels) as a picture; BGR or grey. */
  static BufferedImage image(float[] values, int n, int side, int channels) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    int at = n * side * side * channels;
    for (int i = 0; i < side * side; i++, at += channels) {
      int blue = level(values[at]);
      int green = channels == 1 ? blue : level(values[at + 1]);
      int red = channels == 1 ? blue : level(values[at + 2]);
      image.setRGB(i % side, i / side, red << 16 | green << 8 | blue);
    }
    return image;
  }

  /** 0 to 1 as a byte; what is not a number is black. */
  private static int level(float value) {
    return (int) (Math.clamp(value, 0f, 1f) * 255 + 0.5f);
  }

  private static void label(Graphics2D g, String text, int x, int y) {
    try {
      g.setRenderingHint(
          RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
      g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
      g.setColor(Color.LIGHT_GRAY);
      g.drawString(text, x, y);
    } catch (LinkageError | InternalError | RuntimeException e) {
      // a server without any font: the columns keep their order, and the picture is still useful
    }
  }

  /** Bars from the least to the greatest loss that fall into each pixel's share of iterations. */
  private static void graph(Graphics2D g, List<LossHistory.Entry> losses, int width, int top) {
    int n = losses.size();
    if (n == 0) {
      return;
    }
    double full = fullScale(losses);
    for (int x = 0; x < width; x++) {
      int from = (int) ((long) x * n / width);
      int to = Math.max(from + 1, (int) ((long) (x + 1) * n / width));
      float[] src = {Float.MAX_VALUE, 0};
      float[] dst = {Float.MAX_VALUE, 0};
      for (LossHistory.Entry entry : losses.subList(from, to)) {
        widen(src, entry.src());
        widen(dst, entry.dst());
      }
      bar(g, DST, x, top, dst, full);
      bar(g, SRC, x, top, src, full);
    }
  }

  /** Twice the mean loss after the first fifth, where it falls steeply. */
  private static double fullScale(List<LossHistory.Entry> losses) {
    return losses.stream()
        .skip(losses.size() / 5)
        .mapToDouble(entry -> entry.src() + (double) entry.dst())
        .filter(Double::isFinite)
        .average()
        .orElse(1);
  }

  private static void widen(float[] range, float loss) {
    range[0] = Math.min(range[0], loss);
    range[1] = Math.max(range[1], loss);
  }

  private static void bar(Graphics2D g, Color color, int x, int top, float[] range, double full) {
    g.setColor(color);
    g.drawLine(x, top + height(range[1], full), x, top + height(range[0], full));
  }

  private static int height(float loss, double full) {
    return (int) (Math.clamp(1 - loss / full, 0.0, 1.0) * (GRAPH - 1));
  }

  /** Writes a PNG such that a reader sees the old picture or the new one, never half of one. */
  static void write(BufferedImage picture, Path file, DurableFiles files) throws IOException {
    ByteArrayOutputStream png = new ByteArrayOutputStream();
    ImageIO.write(picture, "png", png);
    Path unfinished = file.resolveSibling(file.getFileName() + ".tmp");
    Files.write(unfinished, png.toByteArray());
    files.replace(unfinished, file);
  }
}
