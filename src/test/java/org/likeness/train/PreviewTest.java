package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreviewTest {
  private static final int SIDE = 64;
  @TempDir Path dir;

  /** Two samples: all {@code first}, then all {@code second} (BGR); masks 1 and 0. */
  private static Preview.Column column(String label, float[] first, float[] second) {
    float[] images = new float[2 * SIDE * SIDE * 3];
    float[] masks = new float[2 * SIDE * SIDE];
    for (int i = 0; i < images.length; i++) {
      images[i] = (i < images.length / 2 ? first : second)[i % 3];
    }
    Arrays.fill(masks, 0, SIDE * SIDE, 1);
    return new Preview.Column(label, images, masks);
  }

  @Test
  void drawsRowsOfFacesWithTheirMasksBelow() {
    float[] blue = {1, 0, 0};
    float[] red = {0, 0, 1};
    float[] wild = {Float.NaN, 7, -7};
    BufferedImage picture =
        Preview.draw(
            List.of(column("src", blue, red), column("dst", red, wild)), SIDE, 2, "0", List.of());
    assertEquals(2 * 128, picture.getWidth());
    assertEquals(20 + 4 * 128 + 20 + 100, picture.getHeight());
    assertEquals(0x0000ff, rgb(picture, 64, 20 + 64));
    assertEquals(0xffffff, rgb(picture, 64, 20 + 128 + 64));
    assertEquals(0xff0000, rgb(picture, 64, 20 + 256 + 64));
    assertEquals(0x000000, rgb(picture, 64, 20 + 384 + 64));
    assertEquals(0xff0000, rgb(picture, 128 + 64, 20 + 64));
    assertEquals(0x00ff00, rgb(picture, 128 + 64, 20 + 256 + 64), "clipped, and NaN is black");
  }

  @Test
  void drawsTheLosses() {
    List<LossHistory.Entry> losses = new ArrayList<>();
    for (int i = 1; i <= 1000; i++) {
      losses.add(new LossHistory.Entry(i, 1, 1f, i < 500 ? Float.NaN : 2f));
    }
    float[] grey = {0.5f, 0.5f, 0.5f};
    BufferedImage picture = Preview.draw(List.of(column("src", grey, grey)), SIDE, 1, "", losses);
    boolean drawn = false;
    for (int y = 20 + 256 + 20; y < picture.getHeight(); y++) {
      drawn |= rgb(picture, 100, y) == 0x50a0ff;
    }
    assertTrue(drawn);
  }

  @Test
  void writesOverTheOldPictureAtOnce() throws Exception {
    Path file = dir.resolve("preview.png");
    for (int i = 0; i < 2; i++) {
      Preview.write(
          new BufferedImage(9, 5 + i, BufferedImage.TYPE_INT_RGB), file, new DurableFiles());
    }
    assertEquals(6, ImageIO.read(file.toFile()).getHeight());
    assertFalse(Files.exists(dir.resolve("preview.png.tmp")));
  }

  private static int rgb(BufferedImage picture, int x, int y) {
    return picture.getRGB(x, y) & 0xffffff;
  }
}
