package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import org.likeness.ffi.C;
import org.likeness.ffi.NativeLibrary;

/** The functions of oneDNN that describe a primitive of one kind; operands are descriptors. */
record OnednnDescriptors(
    MemorySegment convolutionForward,
    MemorySegment convolutionBackwardData,
    MemorySegment convolutionBackwardWeights,
    MemorySegment matmul,
    MemorySegment reorder,
    MemorySegment eltwise,
    MemorySegment destroy) {
  private static final int FORWARD_TRAINING = 64;
  private static final int DIRECT = 1;

  // dnnl_status_t dnnl_convolution_forward_primitive_desc_create(dnnl_primitive_desc_t *,
  //     dnnl_engine_t, dnnl_prop_kind_t, dnnl_alg_kind_t, src, weights, bias, dst,
  //     const dnnl_dims_t strides, dilates, padding_l, padding_r, const_dnnl_primitive_attr_t)
  private static final MethodHandle CONVOLUTION_FORWARD =
      C.function(
          C.INT, C.POINTER, C.POINTER, C.INT, C.INT, C.POINTER, C.POINTER, C.POINTER, C.POINTER,
          C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER);
  // dnnl_status_t dnnl_convolution_backward_data_primitive_desc_create(dnnl_primitive_desc_t *,
  //     dnnl_engine_t, dnnl_alg_kind_t, diff_src, weights, diff_dst,
  //     const dnnl_dims_t strides, dilates, padding_l, padding_r,
  //     const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t)
  private static final MethodHandle CONVOLUTION_BACKWARD_DATA =
      C.function(
          C.INT, C.POINTER, C.POINTER, C.INT, C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER,
          C.POINTER, C.POINTER, C.POINTER, C.POINTER);
  // dnnl_status_t dnnl_convolution_backward_weights_primitive_desc_create(
  //     dnnl_primitive_desc_t *, dnnl_engine_t, dnnl_alg_kind_t, src, diff_weights, diff_bias,
  //     diff_dst, const dnnl_dims_t strides, dilates, padding_l, padding_r,
  //     const_dnnl_primitive_desc_t hint, const_dnnl_primitive_attr_t)
  private static final MethodHandle CONVOLUTION_BACKWARD_WEIGHTS =
      C.function(
          C.INT, C.POINTER, C.POINTER, C.INT, C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER,
          C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER);
  // dnnl_status_t dnnl_matmul_primitive_desc_create(dnnl_primitive_desc_t *, dnnl_engine_t,
  //     src, weights, bias, dst, const_dnnl_primitive_attr_t)
  private static final MethodHandle MATMUL =
      C.function(
          C.INT, C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER);
  // dnnl_status_t dnnl_reorder_primitive_desc_create(dnnl_primitive_desc_t *, src,
  //     dnnl_engine_t, dst, dnnl_engine_t, const_dnnl_primitive_attr_t)
  private static final MethodHandle REORDER =
      C.function(C.INT, C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER, C.POINTER);
  // dnnl_status_t dnnl_eltwise_forward_primitive_desc_create(dnnl_primitive_desc_t *,
  //     dnnl_engine_t, dnnl_prop_kind_t, dnnl_alg_kind_t, src, dst, float alpha, float beta,
  //     const_dnnl_primitive_attr_t)
  private static final MethodHandle ELTWISE =
      C.function(
          C.INT, C.POINTER, C.POINTER, C.INT, C.INT, C.POINTER, C.POINTER, C.FLOAT, C.FLOAT,
          C.POINTER);

  static OnednnDescriptors of(NativeLibrary.Exports exports) {
    return new OnednnDescriptors(
        exports.address("dnnl_convolution_forward_primitive_desc_create"),
        exports.address("dnnl_convolution_backward_data_primitive_desc_create"),
        exports.address("dnnl_convolution_backward_weights_primitive_desc_create"),
        exports.address("dnnl_matmul_primitive_desc_create"),
        exports.address("dnnl_reorder_primitive_desc_create"),
        exports.address("dnnl_eltwise_forward_primitive_desc_create"),
        exports.address("dnnl_primitive_desc_destroy"));
  }

  /** The operands of a convolution, or their gradients; bias may be the null pointer. */
  record Operands(MemorySegment src, MemorySegment weights, MemorySegment bias, MemorySegment dst) {
    Operands withoutBias() {
      return new Operands(src, weights, MemorySegment.NULL, dst);
    }
  }

  /** The four side arrays that convolutions take. */
  private record Sides(
      MemorySegment strides, MemorySegment dilates, MemorySegment before, MemorySegment after) {
    static Sides of(OnednnConvolutionSpec spec, Arena arena) {
      OnednnConvolutionSpec.Padding pad = spec.padding();
      return new Sides(
          arena.allocateFrom(C.INT64, spec.stride(), spec.stride()),
          arena.allocateFrom(C.INT64, spec.dilation() - 1, spec.dilation() - 1),
          arena.allocateFrom(C.INT64, pad.top(), pad.left()),
          arena.allocateFrom(C.INT64, pad.bottom(), pad.right()));
    }
  }

  Optional<MemorySegment> convolutionForward(
      Arena owner,
      MemorySegment engine,
      OnednnConvolutionSpec spec,
      Operands o,
      MemorySegment attributes) {
    try (Arena arena = Arena.ofConfined()) {
      Sides s = Sides.of(spec, arena);
      return OnednnCall.described(
          owner,
          destroy,
          "dnnl_convolution_forward_primitive_desc_create",
          spec,
          out -> {
            try {
              return (int)
                  CONVOLUTION_FORWARD.invokeExact(
                      convolutionForward,
                      out,
                      engine,
                      FORWARD_TRAINING,
                      DIRECT,
                      o.src,
                      o.weights,
                      o.bias,
                      o.dst,
                      s.strides,
                      s.dilates,
                      s.before,
                      s.after,
                      attributes);
            } catch (Throwable t) {
              throw C.thrown(t);
            }
          });
    }
  }

  Optional<MemorySegment> convolutionBackwardData(
      Arena owner,
      MemorySegment engine,
      OnednnConvolutionSpec spec,
      Operands o,
      MemorySegment hint,
      MemorySegment attributes) {
    try (Arena arena = Arena.ofConfined()) {
      Sides s = Sides.of(spec, arena);
      return OnednnCall.described(
          owner,
          destroy,
          "dnnl_convolution_backward_data_primitive_desc_create",
          spec,
          out -> {
            try {
              return (int)
                  CONVOLUTION_BACKWARD_DATA.invokeExact(
                      convolutionBackwardData,
                      out,
                      engine,
                      DIRECT,
                      o.src,
                      o.weights,
                      o.dst,
                      s.strides,
                      s.dilates,
                      s.before,
                      s.after,
                      hint,
                      attributes);
            } catch (Throwable t) {
              throw C.thrown(t);
            }
          });
    }
  }

  Optional<MemorySegment> convolutionBackwardWeights(
      Arena owner,
      MemorySegment engine,
      OnednnConvolutionSpec spec,
      Operands o,
      MemorySegment hint,
      MemorySegment attributes) {
    try (Arena arena = Arena.ofConfined()) {
      Sides s = Sides.of(spec, arena);
      return OnednnCall.described(
          owner,
          destroy,
          "dnnl_convolution_backward_weights_primitive_desc_create",
          spec,
          out -> {
            try {
              return (int)
                  CONVOLUTION_BACKWARD_WEIGHTS.invokeExact(
                      convolutionBackwardWeights,
                      out,
                      engine,
                      DIRECT,
                      o.src,
                      o.weights,
                      o.bias,
                      o.dst,
                      s.strides,
                      s.dilates,
                      s.before,
                      s.after,
                      hint,
                      attributes);
            } catch (Throwable t) {
              throw C.thrown(t);
            }
          });
    }
  }

  Optional<MemorySegment> matmul(
      Arena owner, MemorySegment engine, Operands o, MemorySegment attributes) {
    return OnednnCall.described(
        owner,
        destroy,
        "dnnl_matmul_primitive_desc_create",
        o,
        out -> {
          try {
            return (int)
                MATMUL.invokeExact(
                    matmul, out, engine, o.src, o.weights, o.bias, o.dst, attributes);
          } catch (Throwable t) {
            throw C.thrown(t);
          }
        });
  }

  MemorySegment reorder(
      Arena owner,
      MemorySegment engine,
      MemorySegment from,
      MemorySegment to,
      MemorySegment attributes) {
    return OnednnCall.owned(
        owner,
        destroy,
        "dnnl_reorder_primitive_desc_create",
        out -> {
          try {
            return (int) REORDER.invokeExact(reorder, out, from, engine, to, engine, attributes);
          } catch (Throwable t) {
            throw C.thrown(t);
          }
        });
  }

  /** Describes multiplying a tensor by a constant in place. */
  MemorySegment scale(
      Arena owner,
      MemorySegment engine,
      MemorySegment desc,
      float factor,
      MemorySegment attributes) {
    return OnednnCall.owned(
        owner,
        destroy,
        "dnnl_eltwise_forward_primitive_desc_create",
        out -> {
          try {
            return (int)
                ELTWISE.invokeExact(
                    eltwise,
                    out,
                    engine,
                    FORWARD_TRAINING,
                    OnednnAttributes.LINEAR,
                    desc,
                    desc,
                    factor,
                    0f,
                    attributes);
          } catch (Throwable t) {
            throw C.thrown(t);
          }
        });
  }
}
