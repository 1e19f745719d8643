package org.likeness.cuda.cudnn;

/** The other constants of cuDNN that Likeness uses; named as in C. */
final class CudnnConstants {
  // What functions return; the thousands are the category.
  static final int CUDNN_STATUS_SUCCESS = 0;
  static final int CUDNN_STATUS_NOT_SUPPORTED = 3000;
  static final int CUDNN_STATUS_INTERNAL_ERROR = 4000;
  static final int CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED = 4003;
  static final int CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED = 4004;
  static final int CUDNN_STATUS_EXECUTION_FAILED = 5000;

  // cudnnDataType_t.
  static final int CUDNN_DATA_FLOAT = 0;
  static final int CUDNN_DATA_HALF = 2;
  static final int CUDNN_DATA_BFLOAT16 = 9;

  // cudnnConvolutionMode_t.
  static final int CUDNN_CROSS_CORRELATION = 1;

  // cudnnNanPropagation_t.
  static final int CUDNN_PROPAGATE_NAN = 1;

  // cudnnPointwiseMode_t.
  static final int CUDNN_POINTWISE_ADD = 0;
  static final int CUDNN_POINTWISE_MUL = 1;
  static final int CUDNN_POINTWISE_RELU_FWD = 100;
  static final int CUDNN_POINTWISE_SIGMOID_FWD = 102;

  // cudnnBackendHeurMode_t.
  static final int CUDNN_HEUR_MODE_FALLBACK = 2;
  static final int CUDNN_HEUR_MODE_A = 3;

  // cudnnBackendNumericalNote_t.
  static final int CUDNN_NUMERICAL_NOTE_TENSOR_CORE = 0;
  static final int CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS = 1;
  static final int CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION = 2;
  static final int CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC = 4;

  // cudnnBackendBehaviorNote_t.
  static final int CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION = 0;

  private CudnnConstants() {}
}
