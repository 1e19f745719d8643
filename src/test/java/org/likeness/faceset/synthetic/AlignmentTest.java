package org.likeness.faceset.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.likeness.faceset.Affine;
import org.likeness.faceset.FaceType;

class AlignmentTest {
  /** Spec landmarks.json, test_vectors.frame_landmarks_68. */
  private static final double[][] FRAME = {
    {421.456, 343.442}, {413.211, 413.482}, {411.491, 484.364}, {414.019, 553.469},
    {424.563, 619.388}, {446.324, 680.258}, {473.308, 734.159}, {505.923, 781.018},
    {563.98, 802.918}, {637.646, 802.583}, {715.902, 775.449}, {786.028, 738.121},
    {841.358, 688.73}, {879.391, 626.445}, {904.123, 556.824}, {923.685, 485.265},
    {939.247, 412.587}, {421.563, 275.105}, {449.838, 242.727}, {489.574, 235.665},
    {529.188, 245.301}, {565.467, 268.289}, {655.457, 276.892}, {714.1, 265.075},
    {773.694, 268.24}, {829.591, 288.886}, {866.823, 330.237}, {603.013, 332.914},
    {587.095, 378.794}, {570.619, 424.779}, {554.555, 473.4}, {514.268, 505.915},
    {536.631, 519.675}, {561.473, 532.076}, {595.07, 528.381}, {626.645, 523.622},
    {459.005, 328.171}, {485.408, 311.691}, {518.548, 316.517}, {543.927, 344.146},
    {511.506, 346.238}, {478.146, 342.16}, {688.707, 362.822}, {725.767, 341.807},
    {764.074, 347.57}, {795.36, 371.702}, {761.534, 378.657}, {723.479, 374.007},
    {477.694, 596.253}, {501.476, 581.521}, {533.298, 577.303}, {557.47, 588.726},
    {590.11, 586.486}, {638.663, 604.365}, {690.578, 629.333}, {633.652, 660.201},
    {582.899, 669.98}, {548.567, 667.947}, {521.245, 660.301}, {493.844, 638.467},
    {490.314, 599.938}, {532.115, 602.577}, {557.126, 609.586}, {589.887, 611.439},
    {670.74, 628.454}, {587.949, 632.573}, {554.582, 631.107}, {529.373, 623.73}
  };

  /** The reference rounds a step to f32, which moves the offsets by up to 8e-5 pixels. */
  @Test
  void cropsAreTheExtractors() {
    check(
        FaceType.WHOLE_FACE, 0.2514893, 0.0415512, -41.6210418, -0.0415512, 0.2514893, 41.1760269);
    check(FaceType.FULL, 0.3357196, 0.0554677, -98.4315022, -0.0554677, 0.3357196, 0.8727272);
    check(FaceType.HALF, 0.5360171, 0.0885608, -233.5253409, -0.0885609, 0.536017, -74.9741313);
  }

  private static void check(FaceType type, double... expected) {
    Affine m = Alignment.crop(FRAME, type, 256);
    assertArrayEquals(
        expected, new double[] {m.m00(), m.m01(), m.m02(), m.m10(), m.m11(), m.m12()}, 2e-4);
  }

  @Test
  void otherTypesAreRefused() {
    assertEquals(
        "synthetic faces cannot be cut as mve_custom: "
            + "choose half_face, midfull_face, full_face or whole_face",
        assertThrows(
                IllegalArgumentException.class, () -> Alignment.crop(FRAME, FaceType.CUSTOM, 256))
            .getMessage());
  }
}
