// y (n,ho,wo,co) = x (n,h,w,ci) * w (co,kh,kw,ci) with the epilogue of conv.cuh,
// on tensor cores: f16 operands, f32 sums. Also a dense layer's input gradient, dy (n,out) w (in,out).
//
// Method and layout: mma_gather.cuh. Here both operands' channels are multiples of 8, so that each chunk is
// one 16-byte copy. Bound by arithmetic: 2 x depth flops per result; a step of ROWS x COLUMNS moves
// ROWS + COLUMNS operands from L2, at 128 x 128 64 flops per byte. 128 x 16 is for few columns, where
// reading the pixels once is the bound.

// targets: 75 80
// dynamic-shared: conv_forward_f16_128x128 49152
// dynamic-shared: conv_forward_f16_128x64 49152
// dynamic-shared: conv_forward_f16_64x64 32768
// dynamic-shared: conv_forward_f16_128x16 36864
#include "mma_gather.cuh"

#if __CUDA_ARCH__ >= 800
CONV_GATHER(conv_forward_f16_128x128, false, Type::F16, 128, 128, 2, 2, 3, true)
CONV_GATHER(conv_forward_f16_128x64, false, Type::F16, 128, 64, 2, 2, 4, true)
#else  // more threads, since they hold the next tile in registers
CONV_GATHER(conv_forward_f16_128x128, false, Type::F16, 128, 128, 2, 4, 3, true)
CONV_GATHER(conv_forward_f16_128x64, false, Type::F16, 128, 64, 4, 2, 4, true)
#endif
CONV_GATHER(conv_forward_f16_64x64, false, Type::F16, 64, 64, 2, 2, 4, true)
CONV_GATHER(conv_forward_f16_128x16, false, Type::F16, 128, 16, 4, 1, 4, true)
