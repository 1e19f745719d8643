// y (n,ho,wo,co) = x (n,h,w,ci) * w (co,kh,kw,ci) with the epilogue of conv.cuh,
// on tensor cores: f16 operands, f32 sums. Also a dense layer's input gradient, dy (n,out) w (in,out).
//
// Method and layout: mma_gather.cuh. Here the channels are any number (3, 22, 44): rows are copied in pieces of 8, 4 or 2
// bytes, what divides them. Such layers stand at the ends of the nets and at full resolution: bound by
// the bandwidth of the large operand, read once per tile of the other axis.

// targets: 75 80
// dynamic-shared: conv_forward_f16_any_128x64 49152
// dynamic-shared: conv_forward_f16_any_128x16 36864
#include "mma_gather.cuh"

#if __CUDA_ARCH__ >= 800
CONV_GATHER(conv_forward_f16_any_128x64, false, Type::F16, 128, 64, 2, 2, 4, false)
#else  // more threads, since they hold the next tile in registers
CONV_GATHER(conv_forward_f16_any_128x64, false, Type::F16, 128, 64, 4, 2, 4, false)
#endif
CONV_GATHER(conv_forward_f16_any_128x16, false, Type::F16, 128, 16, 4, 1, 4, false)
