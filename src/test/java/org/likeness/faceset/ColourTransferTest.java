package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.format.SafetensorsFile;

/** Two faces at 128 px, recoloured by the original with recorded draws. */
class ColourTransferTest {
  private static final int SIZE = 128;

  private SafetensorsFile golden;
  private float[] image;
  private float[] reference;
  private Canvas canvas;

  @BeforeEach
  void open() throws IOException {
    golden = Golden.open("color");
    image = Golden.units(golden, "X");
    reference = Golden.units(golden, "Z");
    canvas = new Canvas(SIZE);
  }

  @AfterEach
  void close() {
    golden.close();
  }

  private void assertImage(String tensor, double tolerance) throws IOException {
    float[] actual = tensor.endsWith("_every2") ? Golden.everySecond(image, SIZE) : image;
    Golden.assertClose(tensor, golden.tensor(tensor).floats(), actual, tolerance);
  }

  @Test
  void rctIsTheOriginals() throws IOException {
    LinearTransfer.rct(image, reference, canvas);
    assertImage("rct", 9e-5);
  }

  @Test
  void lctIsTheOriginals() throws IOException {
    LinearTransfer.lct(image, reference);
    assertImage("lct", 4e-7);
  }

  @Test
  void mklIsTheOriginals() throws IOException {
    LinearTransfer.mkl(image, reference);
    assertImage("mkl", 3e-5);
  }

  @Test
  void idtIsTheOriginals() throws IOException {
    float[] rotations = golden.tensor("idt_rotations").floats();
    new IterativeTransfer().apply(image, reference, rotations);
    assertImage("idt", 7e-5);
  }

  @Test
  void sotIsTheOriginals() throws IOException {
    double[] normals = golden.tensor("sot_normals").doubles();
    new SlicedTransfer().transport(image, reference, normals);
    assertImage("sot_noreg_every2", 3e-6);
    image = Golden.units(golden, "X");
    new SlicedTransfer().apply(image, reference, normals, canvas);
    assertImage("sot", 3e-6);
  }

  @Test
  void convertsToLabLikeTheOriginal() throws IOException {
    canvas.convert(image, opencv_imgproc.COLOR_BGR2Lab);
    assertImage("lab_every2", 1e-4); // of 100
  }

  @ParameterizedTest
  @CsvSource({"0,4,0.05", "1,9,0.3"})
  void shiftsHsvLikeTheOriginal(int number, int seed, double power) throws IOException {
    HsvShift shift = HsvShift.draw(new Mt19937(seed), power);
    double[] draws = golden.tensor("hsv_shift" + number + "_draws").doubles();
    assertEquals(draws[0], shift.hue());
    assertEquals(draws[1], shift.saturation(), 1e-7);
    assertEquals(draws[2], shift.value(), 1e-7);
    shift.apply(image);
    assertImage("hsv_shift" + number + "_every2", 5e-7);
  }

  @Test
  void survivesPicturesOfOneColour() throws IOException {
    for (int mode = 0; mode < 4; mode++) {
      Arrays.fill(image, 0.25f);
      switch (mode) {
        case 0 -> LinearTransfer.rct(image, reference, canvas);
        case 1 -> LinearTransfer.lct(image, reference);
        case 2 -> LinearTransfer.mkl(image, reference);
        default ->
            new IterativeTransfer()
                .apply(image, reference, golden.tensor("idt_rotations").floats());
      }
      for (float v : image) {
        assertTrue(v >= 0 && v <= 1, "mode " + mode + ": " + v);
      }
    }
  }
}
