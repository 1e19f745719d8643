package org.likeness.runtime;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Image;
import org.likeness.graph.Linear;
import org.likeness.graph.Movement;
import org.likeness.graph.Op;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Reduction;
import org.likeness.graph.Shape;
import org.likeness.graph.Update;
import org.likeness.graph.Window;

/** The operations that a kernel benchmark runs, one of each kind that costs time in training. */
final class KernelCases {
  private static final int BATCH = 8;

  /** Outputs of a dense layer: SAEHD's usual code. */
  private static final int COLUMNS = 256;

  private KernelCases() {}

  /** What limits an operation besides memory. */
  enum Arithmetic {
    /** Hardly any. */
    NONE,
    /** f32 multiply-adds, whatever the operands are stored in. */
    F32,
    /** Tensor cores where the operands are 16 bits wide, else f32 multiply-adds. */
    PRODUCTS
  }

  /**
   * One operation.
   *
   * @param flops that its definition asks for, by its fastest algorithm here
   */
  record Case(String name, Op op, List<Shape> inputs, Arithmetic arithmetic, double flops) {
    private Case(String name, Op op, Shape... inputs) {
      this(name, op, List.of(inputs), Arithmetic.NONE, 0);
    }

    /** Returns the type of an input: biases stay f32, and draws read the step's counter. */
    DType input(int index, DType type) {
      return switch (op) {
        case Linear.Conv2d conv when conv.bias() && index == 2 -> DType.F32;
        case Update.RmsProp update when update.modifiers().keep() < 1 && index == 4 -> DType.I64;
        default -> type;
      };
    }
  }

  /** Returns the cases for activations whose side is {@code side} pixels. */
  static List<Case> of(int side, DType type) {
    Shape x = Shape.of(BATCH, side, side, 64);
    List<Case> cases = new ArrayList<>();
    cases.add(new Case("affine", new Pointwise.Affine(2, 1), x));
    cases.add(new Case("leaky_relu", new Pointwise.Activate(Activation.leakyRelu(0.1)), x));
    cases.add(new Case("add", new Pointwise.Binary(Pointwise.Binary.Kind.ADD), x, x));
    cases.add(new Case("depth_to_space", new Movement.DepthToSpace(2), x));
    cases.add(new Case("sum_per_sample", new Reduction.SumPerSample(1), x));
    cases.add(new Case("pixel_norm", new Reduction.PixelNorm(1e-6), x));
    if (type == DType.F32) {
      cases.addAll(images(2 * side));
      cases.addAll(updates(side * side * 64));
    }
    cases.addAll(products(Math.max(1, side / 4), Math.clamp(side, 8, 256)));
    return cases;
  }

  private static List<Case> images(int side) {
    Shape image = Shape.of(BATCH, side, side, 3);
    Shape means = Shape.of(BATCH, 3);
    double pixels = image.elements();
    List<Case> cases = new ArrayList<>();
    for (int taps : new int[] {9, 89}) {
      cases.add(
          new Case(
              "blur_" + taps,
              new Image.GaussianBlur(taps / 4.0, taps),
              List.of(image),
              Arithmetic.F32,
              pixels * 4 * taps));
    }
    int taps = Math.min(17, side);
    Image.Ssim ssim = Image.Ssim.of(taps);
    // 4 moments, and 3 maps back, along both axes
    cases.add(new Case("ssim", ssim, List.of(image, image), Arithmetic.F32, pixels * 4 * 4 * taps));
    cases.add(
        new Case(
            "ssim_grad",
            new Image.SsimGrad(ssim),
            List.of(image, image, means, means),
            Arithmetic.F32,
            pixels * 4 * 7 * taps));
    return cases;
  }

  /** Optimisers on one parameter, and one that draws for each element whether it moves. */
  private static List<Case> updates(int elements) {
    Shape w = Shape.of(elements);
    Shape rate = Shape.of(1);
    Update.Rule adabelief = new Update.AdaBelief(0.9, 0.999, 1e-6, Update.Modifiers.NONE);
    return List.of(
        new Case("adabelief", adabelief, w, w, w, w, rate),
        rmsProp(elements, false),
        rmsProp(elements, true),
        dense(elements / COLUMNS, adabelief));
  }

  /** A dense weight updated by its gradient's factors, of two passes' samples. */
  private static Case dense(int in, Update.Rule rule) {
    Shape w = Shape.of(Math.max(1, in), COLUMNS);
    Shape x = Shape.of(2 * BATCH, w.dim(0));
    Shape dy = Shape.of(2 * BATCH, COLUMNS);
    return new Case(
        "adabelief_dense",
        new Update.DenseUpdate(1, rule),
        List.of(w, x, dy, w, w, Shape.of(1)),
        Arithmetic.F32,
        2.0 * x.n() * w.elements());
  }

  /** RMSprop on one parameter, with lr_dropout's draws or without. */
  static Case rmsProp(int elements, boolean draws) {
    Shape w = Shape.of(elements);
    Shape one = Shape.of(1);
    return draws
        ? new Case(
            "rmsprop_draws",
            new Update.RmsProp(0.9, 1e-6, new Update.Modifiers(false, 0.3, 0, 0)),
            w,
            w,
            w,
            one,
            one)
        : new Case("rmsprop", new Update.RmsProp(0.9, 1e-6, Update.Modifiers.NONE), w, w, w, one);
  }

  private static List<Case> products(int side, int c) {
    Shape x = Shape.of(BATCH, side, side, c);
    Shape w = Shape.of(c, 3, 3, c);
    Window window = Window.centred(3, 1);
    double flops = 2.0 * x.elements() * 9 * c;
    Arithmetic limit = Arithmetic.PRODUCTS;
    Linear forward = new Linear.Conv2d(window, 1, false, Linear.Epilogue.NONE);
    Linear scaled = new Linear.Conv2d(window, 0.7, true, Linear.Epilogue.NONE);
    Linear dgrad = new Linear.Conv2dDgrad(window, 1, x);
    Linear wgrad = new Linear.Conv2dWgrad(window, 1, w, false);
    Shape codes = Shape.of(BATCH, side * side * 4);
    Shape weight = Shape.of(side * side * 4, c);
    Linear dense = new Linear.Dense(1, false);
    return List.of(
        new Case("conv_3x3", forward, List.of(x, w), limit, flops),
        new Case("conv_3x3_wscale", scaled, List.of(x, w, Shape.of(c)), limit, flops),
        new Case("conv_3x3_dgrad", dgrad, List.of(x, w), limit, flops),
        new Case("conv_3x3_wgrad", wgrad, List.of(x, x), limit, flops),
        new Case("dense", dense, List.of(codes, weight), limit, 2.0 * BATCH * weight.elements()));
  }
}
