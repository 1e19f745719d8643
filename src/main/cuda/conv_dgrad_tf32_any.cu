// dx (n,h,w,ci) from dy (n,ho,wo,co) and w (co,kh,kw,ci),
// on tensor cores: f32 operands rounded to TF32, f32 sums. Also a dense layer, x (n,in) w (in,out) + b.
//
// Method and layout: mma_gather.cuh. Here the channels are any number (3, 22, 44): rows are copied in pieces of 8, 4 or 2
// bytes, what divides them. Such layers stand at the ends of the nets and at full resolution: bound by
// the bandwidth of the large operand, read once per tile of the other axis.

// targets: 80
// dynamic-shared: conv_dgrad_tf32_any_128x64 49152
// dynamic-shared: conv_dgrad_tf32_any_128x16 36864
#include "mma_gather.cuh"

CONV_GATHER(conv_dgrad_tf32_any_128x64, true, Type::TF32, 128, 64, 2, 2, 4, false)
CONV_GATHER(conv_dgrad_tf32_any_128x16, true, Type::TF32, 128, 16, 4, 1, 4, false)
