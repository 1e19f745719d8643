package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.device.Device;
import org.likeness.device.HostValues;
import org.likeness.device.OneRun;
import org.likeness.device.OpCases.Case;
import org.likeness.device.OpComparison;
import org.likeness.device.OpComparison.Tolerance;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Image;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.testing.OnCuda;

/** The image kernels against the f64 oracle. */
@OnCuda
class ImageKernelTest {
  private static DevicePair devices;

  @BeforeAll
  static void open() {
    devices = DevicePair.open();
  }

  @AfterAll
  static void close() {
    devices.close();
  }

  @ParameterizedTest
  @EnumSource(FloatType.class)
  void kernelsMatchTheOracle(FloatType type) {
    DType dtype = DType.valueOf(type.name());
    for (Case c : ImageCases.all()) {
      OpComparison.check(c, dtype, devices.cuda(), devices.oracle(), Tolerance.of(dtype));
    }
  }

  /** In flat regions E[x^2] - E[x]^2 in f32 is up to 2e-4 off; about the tile's means it is not. */
  @Test
  void variancesDoNotCancelInFlatRegions() {
    Shape image = Shape.of(1, 60, 60, 1);
    double[] x = flat(image, 1, DType.F32);
    double[] y = flat(image, 2, DType.F32);
    double expected = contrast(devices.oracle(), image, DType.F64, x, y);
    assertEquals(expected, contrast(devices.cuda(), image, DType.F32, x, y), 2e-7);
  }

  /** The moments of bf16 images in bf16 would be a quarter off where f32 ones are exact. */
  @Test
  void variancesAreFormedInF32WhateverTheImagesAreStoredIn() {
    Shape image = Shape.of(1, 24, 24, 1);
    for (DType type : List.of(DType.BF16, DType.F16)) {
      double[] x = flat(image, 1, type);
      double[] y = flat(image, 2, type);
      double expected = contrast(devices.oracle(), image, DType.F64, x, y);
      double actual = contrast(devices.cuda(), image, type, x, y);
      double step = type == DType.BF16 ? 0x1p-8 : 0x1p-11;
      assertEquals(expected, actual, step * Math.abs(expected) / 2 + 1e-6, type + " contrast");
      double rounded = contrastOfRoundedMoments(x, y, type);
      assertTrue(
          Math.abs(rounded - expected) > 4 * step * Math.abs(expected),
          type + ": moments in that type give " + rounded + " for " + expected);
    }
  }

  private static double[] flat(Shape shape, long seed, DType type) {
    Random random = new Random(seed);
    return random
        .doubles(shape.elements(), 0.79, 0.82)
        .map(v -> HostValues.round(v, type))
        .toArray();
  }

  private static double contrast(Device device, Shape image, DType type, double[] x, double[] y) {
    GraphBuilder b = new GraphBuilder();
    Tensor one = b.leaf(Role.FEED, "x", image, type);
    Tensor other = b.leaf(Role.FEED, "y", image, type);
    b.fetch("contrast", b.addAll("ssim", Image.Ssim.of(11), List.of(one, other)).getLast());
    Graph graph = b.build();
    return OneRun.of(device, graph, Map.of("x", x, "y", y)).get("contrast")[0];
  }

  /** Mean contrast of 24 x 24 images whose filtered moments are rounded to a type. */
  private static double contrastOfRoundedMoments(double[] x, double[] y, DType type) {
    Image.Ssim op = Image.Ssim.of(11);
    double[] taps = op.kernel();
    double sum = 0;
    for (int window = 0; window < 14 * 14; window++) {
      double[] moments = new double[4];
      for (int t = 0; t < 11 * 11; t++) {
        int at = (window / 14 + t / 11) * 24 + window % 14 + t % 11;
        double weight = taps[t / 11] * taps[t % 11];
        moments[0] += weight * x[at];
        moments[1] += weight * y[at];
        moments[2] += weight * HostValues.round(x[at] * y[at], type);
        moments[3] += weight * HostValues.round(x[at] * x[at] + y[at] * y[at], type);
      }
      for (int i = 0; i < 4; i++) {
        moments[i] = HostValues.round(moments[i], type);
      }
      double covariance = moments[2] - moments[0] * moments[1];
      double variances = moments[3] - moments[0] * moments[0] - moments[1] * moments[1];
      sum += (2 * covariance + op.c2()) / (variances + op.c2());
    }
    return sum / (14 * 14);
  }
}
