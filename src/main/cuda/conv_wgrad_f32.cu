// targets: 75
//
// A convolution's gradient to its weight in f32, dw (co,kh,kw,ci) from x (n,h,w,ci) and dy (n,ho,wo,co), and to
// its bias, the sum of dy over pixels; also dense layers' (where the bias gradient sums the other operand).
//
// Tilings as in conv_f32.cuh. Bound by arithmetic: 2 x depth flops per result, and per step of a tile
// ROWS + COLUMNS words for ROWS x COLUMNS multiply-adds: 128 x 128 does 32 flops per byte from L2. Thin tiles are for
// products with few rows or columns, which are bound by reading the large operand once.
#include "conv_f32.cuh"

// A tile's rows and columns, the depth of a step, a thread's rows and columns, and how many blocks fit
// on a multiprocessor at least.
#define ENTRY(rows, columns, depth, tm, tn, blocks)                                                   \
  extern "C" __global__ void __launch_bounds__(Tile<rows, columns, depth, tm, tn>::THREADS, blocks)   \
      conv_wgrad_f32_##rows##x##columns(const ConvParameters p) {                                     \
    typedef Tile<rows, columns, depth, tm, tn> T;                                                     \
    weightGradient<T>(p);                                                                             \
  }

ENTRY(128, 128, 8, 8, 8, 2)
ENTRY(128, 64, 8, 8, 4, 2)
ENTRY(64, 64, 16, 4, 4, 3)
ENTRY(128, 32, 8, 4, 4, 3)
ENTRY(32, 32, 16, 4, 4, 10)
ENTRY(256, 16, 8, 4, 4, 3)
ENTRY(16, 256, 8, 4, 4, 3)
