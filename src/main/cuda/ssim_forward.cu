// targets: 75
// Structural similarity (spec model.md 4.3): means over all windows of luminance times contrast and of
// contrast, for each image and channel. Maths, tiling and roofline of a tile are in ssim.cuh; a tile's
// sums go to `partial` as f64, in the order (image, channel, tile, 2), and a warp of
// ssim_forward_finish adds those of one image and channel: no order depends on the card.
#include "ssim.cuh"

template <int K>
__device__ __forceinline__ void ssim_forward(const void* x, const void* y, double* partial,
                                             const SsimShape& s) {
  __shared__ Shared<K> shared;
  Tile tile(s);
  int top = tile.row * SIDE, left = tile.column * SIDE;
  float a, b;
  load_tile<K>(shared, s, tile, x, y, top + s.skip, left + s.skip, a, b);
  Moments m;
  m.filter<K>(shared, s);
  float both = 0, contrast = 0;
  if (threadIdx.x < 4 * SIDE) {
    int column = threadIdx.x % SIDE, first = threadIdx.x / SIDE * RUN;
#pragma unroll
    for (int r = 0; r < RUN; r++) {
      if (top + first + r < s.windows_h && left + column < s.windows_w) {
        Similarity window(s, m, r, a, b);
        both = fmaf(window.luminance, window.contrast, both);
        contrast += window.contrast;
      }
    }
  }
  both = warp_total(both);
  contrast = warp_total(contrast);
  // everyone has read the means' sums: barriers lie between
  if (threadIdx.x % 32 == 0) {
    shared.sums[0][threadIdx.x / 32] = both;
    shared.sums[1][threadIdx.x / 32] = contrast;
  }
  __syncthreads();
  if (threadIdx.x < 2) {
    double sum = 0;
    for (int i = 0; i < THREADS / 32; i++) sum += shared.sums[threadIdx.x][i];
    size_t plane = (size_t)tile.image * s.c + tile.channel;
    size_t at = (plane * s.tiles_h + tile.row) * s.tiles_w + tile.column;
    partial[at * 2 + threadIdx.x] = sum;
  }
}

extern "C" __global__ void __launch_bounds__(128)
    ssim_forward_finish(const double* partial, void* lcs, void* cs, int planes, int tiles,
                        double area, int type) {
  int plane = blockIdx.x * 4 + threadIdx.x / 32;
  if (plane >= planes) return;
  double sums[2] = {0, 0};
  for (int i = threadIdx.x % 32; i < tiles; i += 32) {
    size_t at = ((size_t)plane * tiles + i) * 2;
    sums[0] += partial[at];
    sums[1] += partial[at + 1];
  }
  sums[0] = warp_total(sums[0]);
  sums[1] = warp_total(sums[1]);
  if (threadIdx.x % 32 == 0) {
    store_as(lcs, plane, type, (float)(sums[0] * area));
    store_as(cs, plane, type, (float)(sums[1] * area));
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    ssim_forward_any_k12(const void* x, const void* y, double* partial, const SsimShape s) {
  ssim_forward<12>(x, y, partial, s);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    ssim_forward_any_k20(const void* x, const void* y, double* partial, const SsimShape s) {
  ssim_forward<20>(x, y, partial, s);
}
