package org.likeness.cuda.cudnn;

/** What an attribute's elements are; named as in C. */
enum AttributeType {
  CUDNN_TYPE_HANDLE(0, 8),
  CUDNN_TYPE_DATA_TYPE(1, 4),
  CUDNN_TYPE_BOOLEAN(2, 1),
  CUDNN_TYPE_INT64(3, 8),
  CUDNN_TYPE_FLOAT(4, 4),
  CUDNN_TYPE_DOUBLE(5, 8),
  CUDNN_TYPE_VOID_PTR(6, 8),
  CUDNN_TYPE_CONVOLUTION_MODE(7, 4),
  CUDNN_TYPE_HEUR_MODE(8, 4),
  CUDNN_TYPE_KNOB_TYPE(9, 4),
  CUDNN_TYPE_NAN_PROPOGATION(10, 4),
  CUDNN_TYPE_NUMERICAL_NOTE(11, 4),
  CUDNN_TYPE_POINTWISE_MODE(14, 4),
  CUDNN_TYPE_BACKEND_DESCRIPTOR(15, 8),
  CUDNN_TYPE_BEHAVIOR_NOTE(19, 4),
  CUDNN_TYPE_CHAR(24, 1);

  private final int value;
  private final int bytes;

  AttributeType(int value, int bytes) {
    this.value = value;
    this.bytes = bytes;
  }

  int value() {
    return value;
  }

  /** Returns the size of one element. */
  int bytes() {
    return bytes;
  }
}
