package org.likeness.benchmarks;

import jcuda.Pointer;
import jcuda.jcudnn.JCudnn;
import jcuda.jcudnn.cudnnConvolutionDescriptor;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnConvolutionMode;
import jcuda.jcudnn.cudnnDataType;
import jcuda.jcudnn.cudnnFilterDescriptor;
import jcuda.jcudnn.cudnnHandle;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.jcudnn.cudnnTensorFormat;
import jcuda.runtime.cudaStream_t;
import org.likeness.cuda.DeviceMemory;
import org.likeness.graph.Shape;

/** A convolution by cuDNN 8 through JCuda, in f32 and NHWC, by the algorithm that cuDNN chooses. */
final class ConvolutionPeer {
  private static final int FLOAT = cudnnDataType.CUDNN_DATA_FLOAT;
  private static final int NHWC = cudnnTensorFormat.CUDNN_TENSOR_NHWC;

  private ConvolutionPeer() {}

  /**
   * Returns the seconds of a centred convolution of stride 1.
   *
   * @param x (n, h, w, c)
   * @param w (o, k, k, c)
   */
  static double seconds(GpuTimer timer, Shape x, Shape w) {
    timer.context().enter();
    OlderNatives.place("JCudnn", "11.7.0");
    JCudnn.setExceptionsEnabled(true);
    cudnnHandle handle = new cudnnHandle();
    JCudnn.cudnnCreate(handle);
    try {
      JCudnn.cudnnSetStream(handle, new cudaStream_t(JCudaInterop.stream(timer.stream())));
      return seconds(timer, handle, x, w);
    } finally {
      JCudnn.cudnnDestroy(handle);
    }
  }

  private static cudnnTensorDescriptor tensor(int n, int c, int h, int w) {
    cudnnTensorDescriptor descriptor = new cudnnTensorDescriptor();
    JCudnn.cudnnCreateTensorDescriptor(descriptor);
    JCudnn.cudnnSetTensor4dDescriptor(descriptor, NHWC, FLOAT, n, c, h, w);
    return descriptor;
  }

  private static double seconds(GpuTimer timer, cudnnHandle handle, Shape x, Shape w) {
    cudnnTensorDescriptor in = tensor(x.n(), x.c(), x.h(), x.w());
    cudnnTensorDescriptor out = tensor(x.n(), w.n(), x.h(), x.w());
    cudnnFilterDescriptor filter = new cudnnFilterDescriptor();
    JCudnn.cudnnCreateFilterDescriptor(filter);
    JCudnn.cudnnSetFilter4dDescriptor(filter, FLOAT, NHWC, w.n(), w.c(), w.h(), w.w());
    cudnnConvolutionDescriptor conv = new cudnnConvolutionDescriptor();
    JCudnn.cudnnCreateConvolutionDescriptor(conv);
    int pad = w.h() / 2;
    JCudnn.cudnnSetConvolution2dDescriptor(
        conv, pad, pad, 1, 1, 1, 1, cudnnConvolutionMode.CUDNN_CROSS_CORRELATION, FLOAT);
    cudnnConvolutionFwdAlgoPerf[] found = {new cudnnConvolutionFwdAlgoPerf()};
    JCudnn.cudnnGetConvolutionForwardAlgorithm_v7(
        handle, in, filter, conv, out, 1, new int[1], found);
    int algorithm = found[0].algo;
    long[] bytes = new long[1];
    JCudnn.cudnnGetConvolutionForwardWorkspaceSize(handle, in, filter, conv, out, algorithm, bytes);
    Pointer one = Pointer.to(new float[] {1});
    Pointer zero = Pointer.to(new float[] {0});
    long pixels = (long) x.n() * x.h() * x.w();
    try (DeviceMemory input = timer.context().allocate(4 * x.elements());
        DeviceMemory weight = timer.context().allocate(4 * w.elements());
        DeviceMemory output = timer.context().allocate(4 * pixels * w.n());
        DeviceMemory workspace = timer.context().allocate(Math.max(256, bytes[0]))) {
      timer.stream().fill(input.address(), (byte) 0x3f, input.bytes());
      timer.stream().fill(weight.address(), (byte) 0x3f, weight.bytes());
      return timer.seconds(
          () ->
              JCudnn.cudnnConvolutionForward(
                  handle,
                  one,
                  in,
                  JCudaInterop.pointer(input),
                  filter,
                  JCudaInterop.pointer(weight),
                  conv,
                  algorithm,
                  JCudaInterop.pointer(workspace),
                  bytes[0],
                  zero,
                  out,
                  JCudaInterop.pointer(output)));
    } finally {
      JCudnn.cudnnDestroyTensorDescriptor(in);
      JCudnn.cudnnDestroyTensorDescriptor(out);
      JCudnn.cudnnDestroyFilterDescriptor(filter);
      JCudnn.cudnnDestroyConvolutionDescriptor(conv);
    }
  }
}
