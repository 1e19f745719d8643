package org.likeness.device.cuda;

import java.util.Optional;
import java.util.stream.Stream;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.cublaslt.CublasLtProduct;
import org.likeness.cuda.cudnn.CudnnConvolution;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;

/** What one of NVIDIA's libraries is asked to compute. */
sealed interface Problem {
  /** Returns the library that computes it. */
  Library library();

  /** A convolution. */
  record Convolution(CudnnConvolution convolution) implements Problem {
    @Override
    public Library library() {
      return Library.CUDNN;
    }
  }

  /** A product of matrices. */
  record Product(CublasLtProduct product) implements Problem {
    @Override
    public Library library() {
      return Library.CUBLASLT;
    }
  }

  /**
   * Returns all of a {@link Linear} node as one problem; empty where no library has words for it.
   */
  static Optional<Problem> fused(Node node, boolean tf32) {
    Remainder r = Remainder.of((Linear) node.op());
    boolean wordless = r.activation().kind() == Activation.Kind.X_COS_X;
    return wordless ? Optional.empty() : of(node, r, tf32);
  }

  /** Returns the node without its remainder, which is left to {@code epilogue.cu}. */
  static Optional<Problem> plain(Node node, boolean tf32) {
    return of(node, new Remainder(1, false, false, Activation.NONE), tf32);
  }

  private static Optional<Problem> of(Node node, Remainder r, boolean tf32) {
    boolean expressible =
        Stream.of(node.inputs().getFirst(), node.outputs().getFirst())
            .map(t -> t.dtype())
            .allMatch(t -> t == DType.F32 || t == DType.BF16 || t == DType.F16);
    if (!expressible) {
      return Optional.empty();
    }
    return Optional.of(
        switch ((Linear) node.op()) {
          case Linear.Conv2d op -> convolution(node, r, tf32);
          case Linear.Conv2dDgrad op -> convolution(node, r, tf32);
          case Linear.Conv2dWgrad op -> convolution(node, r, tf32);
          case Linear.Dense op -> product(node, r, tf32, false, false);
          case Linear.DenseDgrad op -> product(node, r, tf32, false, true);
          case Linear.DenseWgrad op -> product(node, r, tf32, true, false);
        });
  }

  private static Problem convolution(Node node, Remainder r, boolean tf32) {
    ConvolutionGeometry g = ConvolutionGeometry.of(node);
    ElementType type = type(node.inputs().getFirst().dtype());
    return new Convolution(
        new CudnnConvolution(
            switch (g.direction()) {
              case FORWARD -> CudnnConvolution.Direction.FORWARD;
              case DGRAD -> CudnnConvolution.Direction.DGRAD;
              case WGRAD -> CudnnConvolution.Direction.WGRAD;
            },
            type,
            type(node.outputs().getFirst().dtype()),
            tf32 && type == ElementType.F32,
            new CudnnConvolution.Geometry(
                new CudnnConvolution.Input(g.x().n(), g.x().h(), g.x().w(), g.x().c()),
                new CudnnConvolution.Filter(g.w().n(), g.w().h(), g.w().w()),
                new CudnnConvolution.Window(
                    g.window().before(),
                    g.window().after(),
                    g.window().stride(),
                    g.window().dilation())),
            new CudnnConvolution.Epilogue(
                r.scale(),
                r.bias(),
                r.residual(),
                switch (r.activation().kind()) {
                  case IDENTITY -> CudnnConvolution.Activation.NONE;
                  case LEAKY_RELU -> CudnnConvolution.Activation.LEAKY_RELU;
                  case SIGMOID -> CudnnConvolution.Activation.SIGMOID;
                  case X_COS_X -> throw new IllegalArgumentException("cuDNN has no x cos x");
                },
                r.activation().slope())));
  }

  private static Problem product(
      Node node, Remainder r, boolean tf32, boolean transposeA, boolean transposeB) {
    Shape a = node.inputs().get(0).shape();
    Shape b = node.inputs().get(1).shape();
    ElementType type = type(node.inputs().getFirst().dtype());
    return new Product(
        new CublasLtProduct(
            type,
            type(node.outputs().getFirst().dtype()),
            tf32 && type == ElementType.F32,
            new CublasLtProduct.Sizes(
                a.dim(transposeA ? 1 : 0), b.dim(transposeB ? 0 : 1), a.dim(transposeA ? 0 : 1)),
            new CublasLtProduct.Transposes(transposeA, transposeB),
            new CublasLtProduct.Epilogue(r.scale(), r.bias())));
  }

  private static ElementType type(DType type) {
    return switch (type) {
      case F32 -> ElementType.F32;
      case BF16 -> ElementType.BF16;
      case F16 -> ElementType.F16;
      case F64, I64, U8 -> throw new IllegalArgumentException("no library computes in " + type);
    };
  }
}
