package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_COMP_TYPE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_CONV_MODE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_DILATIONS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_POST_PADDINGS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_POINTWISE_BDESC;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_POINTWISE_XDESC;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATION_POINTWISE_YDESC;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_POINTWISE_MATH_PREC;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_POINTWISE_MODE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_POINTWISE_NAN_PROPAGATION;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_DATA_TYPE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_DIMENSIONS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_IS_BY_VALUE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_IS_VIRTUAL;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_STRIDES;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_TENSOR_UNIQUE_ID;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_CROSS_CORRELATION;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_DATA_BFLOAT16;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_DATA_FLOAT;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_DATA_HALF;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_POINTWISE_ADD;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_POINTWISE_MUL;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_POINTWISE_RELU_FWD;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_POINTWISE_SIGMOID_FWD;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_PROPAGATE_NAN;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.likeness.cuda.ElementType;
import org.likeness.cuda.cudnn.CudnnConvolution.Activation;
import org.likeness.cuda.cudnn.CudnnConvolution.Epilogue;
import org.likeness.cuda.cudnn.CudnnConvolution.Geometry;
import org.likeness.cuda.cudnn.CudnnConvolution.Window;

/**
 * A convolution as operations of cuDNN's graph: a convolution node, then a pointwise node for each
 * part of the epilogue. What goes from node to node is f32 and never in memory. The residual is
 * added before the bias, the order in which cuDNN's precompiled engines know it.
 */
final class ConvolutionGraph {
  /** What device addresses are multiples of; ours are of 256. */
  private static final long ALIGNMENT = 16;

  private static final long FIRST_VIRTUAL = 100;

  /** The tensors in memory, and the scale, which the host passes by value. */
  enum Role {
    X,
    W,
    Y,
    BIAS,
    RESIDUAL,
    SCALE;

    /** Returns the tensor's number in the graph. */
    long uid() {
      return ordinal() + 1L;
    }
  }

  /** How the scale is asked for: engines differ in what they take. */
  enum ScaleBy {
    /** The convolution node's own factor. */
    ALPHA,
    /** A pointwise node that multiplies. */
    NODE
  }

  /** A pointwise node: y = mode(x) or mode(x, operand). */
  private record Step(int mode, Role operand) {}

  /** What a convolution node's type and attributes are called. */
  private record Names(
      DescriptorType type,
      Attribute alpha,
      Attribute beta,
      Attribute convolution,
      Attribute x,
      Attribute w,
      Attribute y) {}

  private static final Names FORWARD =
      new Names(
          DescriptorType.CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
          CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y);

  private static final Names DGRAD =
      new Names(
          DescriptorType.CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY);

  private static final Names WGRAD =
      new Names(
          DescriptorType.CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
          CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY);

  private final Descriptors descriptors;
  private final CudnnConvolution convolution;
  private final Role result;
  private final Set<Role> roles = EnumSet.of(Role.X, Role.W, Role.Y);
  private final List<Descriptor> operations = new ArrayList<>();
  private long virtuals = FIRST_VIRTUAL;

  /** Describes the operations; {@code descriptors} owns what is made for it. */
  ConvolutionGraph(Descriptors descriptors, CudnnConvolution convolution, ScaleBy scaleBy) {
    this.descriptors = descriptors;
    this.convolution = convolution;
    result =
        switch (convolution.direction()) {
          case FORWARD -> Role.Y;
          case DGRAD -> Role.X;
          case WGRAD -> Role.W;
        };
    List<Step> steps = steps(convolution.epilogue(), scaleBy);
    Descriptor value = steps.isEmpty() ? tensor(result) : between();
    convolve(value, scaleBy == ScaleBy.ALPHA ? convolution.epilogue().scale() : 1);
    for (int i = 0; i < steps.size(); i++) {
      Descriptor next = i == steps.size() - 1 ? tensor(result) : between();
      apply(steps.get(i), value, next);
      value = next;
    }
  }

  /** Returns the tensors whose addresses a run is given. */
  Set<Role> roles() {
    return roles;
  }

  /** Returns the nodes, finalized. */
  Descriptor[] operations() {
    return operations.toArray(Descriptor[]::new);
  }

  private static List<Step> steps(Epilogue epilogue, ScaleBy scaleBy) {
    List<Step> steps = new ArrayList<>();
    if (scaleBy == ScaleBy.NODE) {
      steps.add(new Step(CUDNN_POINTWISE_MUL, Role.SCALE));
    }
    if (epilogue.residual()) {
      steps.add(new Step(CUDNN_POINTWISE_ADD, Role.RESIDUAL));
    }
    if (epilogue.bias()) {
      steps.add(new Step(CUDNN_POINTWISE_ADD, Role.BIAS));
    }
    switch (epilogue.activation()) {
      case NONE -> {}
      case LEAKY_RELU -> steps.add(new Step(CUDNN_POINTWISE_RELU_FWD, null));
      case SIGMOID -> steps.add(new Step(CUDNN_POINTWISE_SIGMOID_FWD, null));
    }
    return steps;
  }

  private void convolve(Descriptor value, double alpha) {
    Names names =
        switch (convolution.direction()) {
          case FORWARD -> FORWARD;
          case DGRAD -> DGRAD;
          case WGRAD -> WGRAD;
        };
    operations.add(
        descriptors
            .create(names.type, "convolution node")
            .setReal(names.alpha, alpha)
            .setReal(names.beta, 0)
            .set(names.convolution, window(convolution.geometry().window()))
            .set(names.x, result == Role.X ? value : tensor(Role.X))
            .set(names.w, result == Role.W ? value : tensor(Role.W))
            .set(names.y, result == Role.Y ? value : tensor(Role.Y))
            .build());
  }

  private Descriptor window(Window window) {
    return descriptors
        .create(DescriptorType.CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR, "convolution")
        .set(CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_DATA_FLOAT)
        .set(CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_CROSS_CORRELATION)
        .set(CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, 2)
        .set(CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, window.before(), window.before())
        .set(CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, window.after(), window.after())
        .set(CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, window.stride(), window.stride())
        .set(CUDNN_ATTR_CONVOLUTION_DILATIONS, window.dilation(), window.dilation())
        .build();
  }

  private void apply(Step step, Descriptor x, Descriptor y) {
    Descriptor mode =
        descriptors
            .create(DescriptorType.CUDNN_BACKEND_POINTWISE_DESCRIPTOR, "pointwise")
            .set(CUDNN_ATTR_POINTWISE_MODE, step.mode)
            .set(CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_DATA_FLOAT);
    if (convolution.epilogue().activation() == Activation.LEAKY_RELU && step.operand == null) {
      mode.set(CUDNN_ATTR_POINTWISE_NAN_PROPAGATION, CUDNN_PROPAGATE_NAN)
          .setReal(CUDNN_ATTR_POINTWISE_RELU_LOWER_CLIP_SLOPE, convolution.epilogue().slope());
    }
    Descriptor node =
        descriptors
            .create(DescriptorType.CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR, "pointwise node")
            .set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, mode.build())
            .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x);
    if (step.operand != null) {
      roles.add(step.operand);
      node.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, tensor(step.operand));
    }
    operations.add(node.set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y).build());
  }

  /** A tensor in memory; the scale instead is by value. */
  private Descriptor tensor(Role role) {
    ElementType type =
        switch (role) {
          case BIAS, SCALE -> ElementType.F32;
          case RESIDUAL -> convolution.result();
          case X, W, Y -> role == result ? convolution.result() : convolution.type();
        };
    Descriptor tensor = described(role.uid(), "tensor " + role, type, sizes(role));
    return (role == Role.SCALE ? tensor.set(CUDNN_ATTR_TENSOR_IS_BY_VALUE, 1) : tensor).build();
  }

  /** What one node hands to the next. */
  private Descriptor between() {
    long uid = virtuals++;
    return described(uid, "virtual tensor " + uid, ElementType.F32, sizes(result))
        .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, 1)
        .build();
  }

  /**
   * Describes a tensor.
   *
   * @param sizes in cuDNN's order (n, c, h, w); in memory the channels come last
   */
  private Descriptor described(long uid, String name, ElementType type, long[] sizes) {
    long row = sizes[3] * sizes[1];
    return descriptors
        .create(DescriptorType.CUDNN_BACKEND_TENSOR_DESCRIPTOR, name)
        .set(CUDNN_ATTR_TENSOR_UNIQUE_ID, uid)
        .set(CUDNN_ATTR_TENSOR_DATA_TYPE, dataType(type))
        .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, ALIGNMENT)
        .set(CUDNN_ATTR_TENSOR_DIMENSIONS, sizes)
        .set(CUDNN_ATTR_TENSOR_STRIDES, sizes[2] * row, 1, row, sizes[1]);
  }

  private long[] sizes(Role role) {
    Geometry g = convolution.geometry();
    return switch (role) {
      case X -> new long[] {g.x().n(), g.x().c(), g.x().h(), g.x().w()};
      case W -> new long[] {g.w().k(), g.x().c(), g.w().r(), g.w().s()};
      case Y, RESIDUAL -> new long[] {g.x().n(), g.w().k(), g.outputHeight(), g.outputWidth()};
      case BIAS -> new long[] {1, g.w().k(), 1, 1};
      case SCALE -> new long[] {1, 1, 1, 1};
    };
  }

  private static int dataType(ElementType type) {
    return switch (type) {
      case F32 -> CUDNN_DATA_FLOAT;
      case BF16 -> CUDNN_DATA_BFLOAT16;
      case F16 -> CUDNN_DATA_HALF;
    };
  }
}
