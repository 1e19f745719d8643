package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.format.SafetensorsFile;

/** A face at 128 px, changed by MVE itself. */
class MveAugmentationTest {
  private static final int SIZE = 128;
  private static final double F32_SUMS = 5e-7;
  private static final double BYTES = 1e-7; // exact, when divided by 255

  private SafetensorsFile golden;
  private float[] image;
  private Canvas canvas;

  @BeforeEach
  void open() throws IOException {
    golden = Golden.open("augment_mve");
    image = Golden.units(golden, "X");
    canvas = new Canvas(SIZE);
  }

  @AfterEach
  void close() {
    golden.close();
  }

  private void assertImage(String tensor, double tolerance) throws IOException {
    float[] expected =
        tensor.endsWith("_every2") ? golden.tensor(tensor).floats() : Golden.units(golden, tensor);
    float[] actual = tensor.endsWith("_every2") ? Golden.everySecond(image, SIZE) : image;
    Golden.assertClose(tensor, expected, actual, tolerance);
  }

  @ParameterizedTest
  @CsvSource({"0,1", "1,12"})
  void shadowsLikeTheOriginal(int number, int seed) throws IOException {
    String name = "shadow" + number;
    Shadow shadow = Shadow.draw(seed, SIZE, ShadowBounds.USUAL);
    double[] draws = golden.tensor(name + "_draws").doubles();
    assertEquals(draws[0], shadow.high(), 1e-12);
    assertEquals(draws[1], shadow.low(), 1e-12);
    assertEquals(draws[3], shadow.blurOutside());
    assertEquals(draws[4], shadow.blurInside());
    long[] quad = golden.tensor(name + "_quad_rotated").longs();
    assertArrayEquals(quad, Arrays.stream(shadow.quad()).asLongStream().toArray());
    byte[] inside = new byte[SIZE * SIZE];
    byte[] outside = new byte[SIZE * SIZE];
    shadow.masks(SIZE, inside, outside);
    assertBytes(golden.tensor(name + "_mask_blurred").longs(), inside);
    assertBytes(golden.tensor(name + "_inverse_blurred").longs(), outside);
    shadow.apply(image, SIZE, canvas);
    assertImage(name, BYTES);
  }

  private static void assertBytes(long[] expected, byte[] actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i] & 0xff, "pixel " + i);
    }
  }

  @ParameterizedTest
  @CsvSource({"0,10,0.0", "1,15,33.7", "2,19,251.0"})
  void blursMotionLikeTheOriginal(int number, int side, double degrees) throws IOException {
    Raster kernel = Distortions.motionKernel(side, degrees);
    float[] expected = golden.tensor("motion" + number + "_kernel").floats();
    Golden.assertClose("kernel " + number, expected, kernel.values(), F32_SUMS);
    new Distortions(SIZE, canvas).motionBlur(image, kernel);
    assertImage("motion" + number + "_every2", F32_SUMS);
  }

  @Test
  void blursLikeTheOriginal() throws IOException {
    new Distortions(SIZE, canvas).gaussianBlur(image, 9, 3.4);
    assertImage("gauss0_every2", F32_SUMS);
    image = Golden.units(golden, "X");
    new Distortions(SIZE, canvas).gaussianBlur(image, 17, 6.3);
    assertImage("gauss1_every2", F32_SUMS);
  }

  @ParameterizedTest
  @CsvSource({"50", "84"})
  void compressesLikeTheOriginal(int quality) throws IOException {
    new Distortions(SIZE, canvas).jpeg(image, quality);
    assertImage("jpeg" + quality, BYTES);
  }

  @ParameterizedTest
  @CsvSource({"16", "31"})
  void reducesLikeTheOriginal(int to) throws IOException {
    new Distortions(SIZE, canvas).reduce(image, to);
    assertImage("down" + to + "_every2", F32_SUMS);
  }

  @ParameterizedTest
  @CsvSource({"0,3", "1,21"})
  void turnsLabLikeTheOriginal(int number, int seed) throws IOException {
    String name = "lab_rotation" + number;
    double[] expected = golden.tensor(name + "_matrix").doubles();
    assertArrayEquals(expected, new Mt19937(seed).rotation(2), 1e-12);
    LabRotation.apply(image, seed, canvas);
    assertImage(name + "_every2", 9e-5); // as rct: OpenCV's LAB there and back
  }

  @ParameterizedTest
  @CsvSource({"fs,4", "fs,1", "fs,2", "cc,1", "cc,2"})
  void changesColoursLikeTheOriginal(String kind, int seed) throws IOException {
    double[] uniform = new double[3];
    Arrays.fill(uniform, new Mt19937(seed).nextDouble());
    ColourAugmentation.Draws draws =
        ColourAugmentation.Draws.of(
            Mt19937.ofPython(seed), Mt19937.ofPython(seed), kind.equals("cc") ? uniform : null);
    ColourAugmentation.apply(image, draws, canvas);
    assertImage(kind + "_aug_seed" + seed, BYTES);
  }

  @ParameterizedTest
  @CsvSource({"blur,BLUR", "noise,NOISE", "jpeg,JPEG", "down,DOWNSAMPLE"})
  void distortsLikeTheOriginal(String name, Distortion distortion) throws IOException {
    image = resized("src/00001_0");
    new Distortions(SIZE, canvas).apply(image, Set.of(distortion), afterTheSampleSeed());
    float brighter = 0;
    if (distortion == Distortion.NOISE) {
      Mt19937 random = afterTheSampleSeed();
      random.shuffle(new int[4]);
      assertEquals(2, random.integer(0, 3), "Poisson, which we centre");
      random.nextDouble();
      brighter = (float) (15 + 15 * random.nextDouble()) / 255;
    }
    for (int i = 0; i < image.length; i++) {
      image[i] = Math.clamp(image[i] + brighter, 0f, 1f);
    }
    assertImage("process_" + name + "_every2", distortion == Distortion.JPEG ? BYTES : F32_SUMS);
  }

  private static Mt19937 afterTheSampleSeed() {
    Mt19937 random = new Mt19937(5);
    assertEquals(953453411, random.nextInt() & Integer.MAX_VALUE);
    return random;
  }

  private static float[] resized(String file) throws IOException {
    Raster picture =
        Raster.of(OpenCv.decodeColour(AlignedJpg.bytes(TestFaces.path(file + ".jpg"))));
    return Resampler.resize(picture, SIZE, SIZE, Kernel.CUBIC).values();
  }
}
