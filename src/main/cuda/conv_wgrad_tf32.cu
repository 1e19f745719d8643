// dw (co,kh,kw,ci) and db (co) in f32 from dy (n,ho,wo,co) and x (n,h,w,ci),
// on tensor cores: f32 operands rounded to TF32, f32 sums. Also a dense layer's gradients, x (n,in) and dy (n,out).
//
// Method and layout: mma_wgrad.cuh. Here both operands' channels are multiples of 4, so that each chunk is
// one 16-byte copy. Bound by arithmetic: 2 x depth flops per result; a step of ROWS x COLUMNS moves
// ROWS + COLUMNS operands from L2, at 128 x 128 32 flops per byte.

// targets: 80
// dynamic-shared: conv_wgrad_tf32_128x128 49152
// dynamic-shared: conv_wgrad_tf32_64x64 32768
#include "mma_wgrad.cuh"

CONV_WGRAD(conv_wgrad_tf32_128x128, Type::TF32, 128, 128, 2, 2, 3, true)
CONV_WGRAD(conv_wgrad_tf32_64x64, Type::TF32, 64, 64, 2, 2, 4, true)
