package org.likeness.cuda.cublaslt;

/** The constants of cuBLASLt that Likeness uses; named as in C. */
final class CublasLtConstants {
  // cublasStatus_t
  static final int CUBLAS_STATUS_SUCCESS = 0;
  static final int CUBLAS_STATUS_ALLOC_FAILED = 3;
  static final int CUBLAS_STATUS_NOT_SUPPORTED = 15;

  // cublasComputeType_t
  static final int CUBLAS_COMPUTE_32F = 68;
  static final int CUBLAS_COMPUTE_32F_FAST_TF32 = 77;

  // cudaDataType_t
  static final int CUDA_R_32F = 0;
  static final int CUDA_R_16F = 2;
  static final int CUDA_R_16BF = 14;

  // cublasOperation_t
  static final int CUBLAS_OP_N = 0;
  static final int CUBLAS_OP_T = 1;

  // cublasLtMatmulDescAttributes_t, with the type of each
  static final int CUBLASLT_MATMUL_DESC_TRANSA = 3; // int32_t
  static final int CUBLASLT_MATMUL_DESC_TRANSB = 4; // int32_t
  static final int CUBLASLT_MATMUL_DESC_EPILOGUE = 7; // uint32_t
  static final int CUBLASLT_MATMUL_DESC_BIAS_POINTER = 8; // const void *
  static final int CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE = 26; // int32_t

  // cublasLtEpilogue_t
  static final int CUBLASLT_EPILOGUE_BIAS = 4;

  // cublasLtMatmulPreferenceAttributes_t
  static final int CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1; // uint64_t
  static final int CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK = 3; // uint32_t

  // cublasLtReductionScheme_t, a mask in which none is always allowed
  static final int CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE = 2;

  // cublasLtMatmulAlgoConfigAttributes_t
  static final int CUBLASLT_ALGO_CONFIG_ID = 0; // int32_t
  static final int CUBLASLT_ALGO_CONFIG_TILE_ID = 1; // uint32_t
  static final int CUBLASLT_ALGO_CONFIG_SPLITK_NUM = 2; // int32_t
  static final int CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME = 3; // uint32_t
  static final int CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING = 4; // uint32_t
  static final int CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION = 5; // uint32_t
  static final int CUBLASLT_ALGO_CONFIG_STAGES_ID = 6; // uint32_t
  static final int CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID = 7; // uint16_t
  static final int CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID = 8; // uint16_t

  private CublasLtConstants() {}
}
