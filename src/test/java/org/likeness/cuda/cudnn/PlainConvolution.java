package org.likeness.cuda.cudnn;

import org.likeness.cuda.cudnn.CudnnConvolution.Activation;
import org.likeness.cuda.cudnn.CudnnConvolution.Direction;
import org.likeness.cuda.cudnn.CudnnConvolution.Epilogue;
import org.likeness.cuda.cudnn.CudnnConvolution.Geometry;
import org.likeness.cuda.cudnn.CudnnConvolution.Window;

/** A convolution by its definition, summed in f64. */
record PlainConvolution(CudnnConvolution convolution) {
  /** The result, and by how much a relative error of every product could move each element. */
  record Result(double[] values, double[] magnitudes) {}

  int xSize() {
    Geometry g = convolution.geometry();
    return g.x().n() * g.x().h() * g.x().w() * g.x().c();
  }

  int wSize() {
    Geometry g = convolution.geometry();
    return g.w().k() * g.w().r() * g.w().s() * g.x().c();
  }

  int ySize() {
    Geometry g = convolution.geometry();
    return g.x().n() * g.outputHeight() * g.outputWidth() * g.w().k();
  }

  int size(Direction written) {
    return switch (written) {
      case FORWARD -> ySize();
      case DGRAD -> xSize();
      case WGRAD -> wSize();
    };
  }

  /**
   * Computes it; the operand that is the result is not read.
   *
   * @param bias (k), null for none
   * @param residual as y, null for none
   */
  Result compute(double[] x, double[] w, double[] y, double[] bias, double[] residual) {
    Direction direction = convolution.direction();
    Result sums = new Result(new double[size(direction)], new double[size(direction)]);
    Geometry g = convolution.geometry();
    Window window = g.window();
    int c = g.x().c();
    int k = g.w().k();
    for (int pixel = 0; pixel < ySize() / k; pixel++) {
      int column = pixel % g.outputWidth();
      int row = pixel / g.outputWidth() % g.outputHeight();
      int n = pixel / g.outputWidth() / g.outputHeight();
      for (int tap = 0; tap < g.w().r() * g.w().s(); tap++) {
        int i = row * window.stride() - window.before() + tap / g.w().s() * window.dilation();
        int j = column * window.stride() - window.before() + tap % g.w().s() * window.dilation();
        if (i < 0 || i >= g.x().h() || j < 0 || j >= g.x().w()) {
          continue;
        }
        for (int e = 0; e < k * c; e++) {
          int in = ((n * g.x().h() + i) * g.x().w() + j) * c + e % c;
          int weight = (e / c * g.w().r() * g.w().s() + tap) * c + e % c;
          int out = pixel * k + e / c;
          switch (direction) {
            case FORWARD -> add(sums, out, x[in] * w[weight]);
            case DGRAD -> add(sums, in, y[out] * w[weight]);
            case WGRAD -> add(sums, weight, x[in] * y[out]);
          }
        }
      }
    }
    finish(sums, bias, residual);
    return sums;
  }

  private static void add(Result sums, int at, double product) {
    sums.values[at] += product;
    sums.magnitudes[at] += Math.abs(product);
  }

  private void finish(Result sums, double[] bias, double[] residual) {
    Epilogue epilogue = convolution.epilogue();
    for (int i = 0; i < sums.values.length; i++) {
      double added =
          (bias == null ? 0 : bias[i % bias.length]) + (residual == null ? 0 : residual[i]);
      double value = epilogue.scale() * sums.values[i] + added;
      sums.magnitudes[i] = Math.abs(epilogue.scale()) * sums.magnitudes[i] + Math.abs(added);
      sums.values[i] =
          switch (epilogue.activation()) {
            case NONE -> value;
            case LEAKY_RELU -> value > 0 ? value : epilogue.slope() * value;
            case SIGMOID -> 1 / (1 + Math.exp(-value));
          };
      if (epilogue.activation() == Activation.SIGMOID) {
        sums.magnitudes[i] += 1;
      }
    }
  }
}
