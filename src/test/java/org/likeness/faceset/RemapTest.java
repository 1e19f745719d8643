package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.faceset.Resampler.Border;

/** Bands of rows are what {@link Resampler#sample} makes of the whole picture. */
class RemapTest {
  private static final int SIZE = 72; // not whole bands
  private static final int MAPS = 40;

  /** Sixteen products in f32, in another order and fused: four units in the last place above 1. */
  private static final double ORDER = 5e-7;

  private final Random random = new Random(7);
  private final Remap remap = new Remap(SIZE);

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aPlaneIsTheSameWhereverItsContentLies(boolean mirrored) {
    Padded padded = new Padded(SIZE, 1).surround(Border.ZERO);
    for (int i = 0; i < MAPS; i++) {
      Raster plane = Raster.empty(SIZE, SIZE, 1);
      if (i > 0) { // the first is empty
        box(plane.values());
      }
      Affine map = affine();
      padded.put(plane.values());
      remap.affine(map, mirrored);
      float[] actual = new float[SIZE * SIZE];
      for (int y = 0; y < SIZE; y += Remap.BAND) {
        remap.band(y).linear(padded, actual, y * SIZE);
      }
      float[] expected = new float[SIZE * SIZE];
      Grid grid = new Grid(SIZE).affine(map, mirrored);
      Resampler.sample(plane, grid, Kernel.LINEAR, Border.ZERO, expected);
      assertArrayEquals(expected, actual, "map " + i);
    }
  }

  @ParameterizedTest
  @EnumSource(Border.class)
  void aPictureIsTheSameThroughAnAffineMap(Border border) {
    for (int i = 0; i < MAPS; i++) {
      Affine map = affine();
      boolean mirrored = random.nextBoolean();
      remap.affine(map, mirrored);
      assertPicture(new Grid(SIZE).affine(map, mirrored), border);
    }
  }

  @Test
  void aPictureIsTheSameThroughAWarp() {
    float[] mapX = new float[SIZE * SIZE];
    for (int i = 0; i < mapX.length; i++) {
      mapX[i] = i % SIZE + 8 * (random.nextFloat() - 0.5f);
    }
    remap.symmetric(mapX);
    assertPicture(new Grid(SIZE).symmetric(mapX), Border.ZERO);
  }

  private void assertPicture(Grid grid, Border border) {
    Raster picture = Raster.empty(SIZE, SIZE, 3);
    for (int i = 0; i < picture.values().length; i++) {
      picture.values()[i] = random.nextFloat();
    }
    Padded padded = new Padded(SIZE, 3).put(picture.values()).surround(border);
    float[] actual = new float[SIZE * SIZE * 3];
    for (int y = 0; y < SIZE; y += Remap.BAND) {
      remap.band(y).cubic(padded, actual, y * SIZE * 3, SIZE * 3);
    }
    float[] expected = new float[SIZE * SIZE * 3];
    Resampler.sample(picture, grid, Kernel.CUBIC, border, expected);
    Golden.assertClose("picture", expected, actual, ORDER);
  }

  /** Fills a box with random values, zeros among them. */
  private void box(float[] plane) {
    int top = random.nextInt(SIZE);
    int left = random.nextInt(SIZE);
    int bottom = top + random.nextInt(SIZE - top) + 1;
    int right = left + random.nextInt(SIZE - left) + 1;
    for (int y = top; y < bottom; y++) {
      for (int x = left; x < right; x++) {
        plane[y * SIZE + x] = Math.max(0, random.nextFloat() - 0.2f);
      }
    }
  }

  /** As a sample's transform, but with any rotation, and unmoved at times. */
  private Affine affine() {
    double angle = random.nextInt(4) == 0 ? 0 : random.nextDouble() * 2 * Math.PI;
    double scale = random.nextInt(4) == 0 ? 1 : 0.5 + random.nextDouble();
    double al = scale * Math.cos(angle);
    double be = scale * Math.sin(angle);
    double c = SIZE / 2.0;
    double x = (1 - al) * c - be * c + SIZE * (random.nextDouble() - 0.5) / 4;
    double y = be * c + (1 - al) * c + SIZE * (random.nextDouble() - 0.5) / 4;
    return new Affine(al, be, x, -be, al, y);
  }
}
