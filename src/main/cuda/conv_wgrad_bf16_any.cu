// dw (co,kh,kw,ci) and db (co) in f32 from dy (n,ho,wo,co) and x (n,h,w,ci),
// on tensor cores: bf16 operands, f32 sums. Also a dense layer's gradients, x (n,in) and dy (n,out).
//
// Method and layout: mma_wgrad.cuh. Here the channels are any number (3, 22, 44): rows are copied in pieces of 8, 4 or 2
// bytes, what divides them. Such layers stand at the ends of the nets and at full resolution: bound by
// the bandwidth of the large operand, read once per tile of the other axis.

// targets: 80
// dynamic-shared: conv_wgrad_bf16_any_64x64 32768
// dynamic-shared: conv_wgrad_bf16_any_16x128 36864
#include "mma_wgrad.cuh"

CONV_WGRAD(conv_wgrad_bf16_any_64x64, Type::BF16, 64, 64, 2, 2, 4, false)
CONV_WGRAD(conv_wgrad_bf16_any_16x128, Type::BF16, 16, 128, 1, 4, 4, false)
