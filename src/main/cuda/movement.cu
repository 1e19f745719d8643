// targets: 75
//
// Copies that only move elements, so a kernel knows the size of what it moves and not its type. The
// unit is the largest of 1, 2, 4, 8 and 16 bytes that divides every run and every offset.
//
// Depth-to-space (block position the slow channel index, spec model.md 2.2) moves runs of block x c
// elements: (n h, w, block, block c) to (n h, block, w, block c), which swaps two axes; its inverse
// swaps them back. Flatten and its inverse swap pixels and channels, runs of one element: that goes
// through a tile of shared memory, a column wider than a warp so that neither side conflicts.
//
// A thread moves one unit, neighbours in the output by neighbouring threads. Roofline: memory, 2 x the
// bytes of the tensor.
#include "index.cuh"

enum { BLOCK = 256, TILE = 32 };

__device__ __forceinline__ u64 thread_index() { return (u64)blockIdx.x * BLOCK + threadIdx.x; }

// y[i] = pattern, 8 bytes of it at a time; y is aligned to 16
extern "C" __global__ void __launch_bounds__(BLOCK) fill_b8(u8* y, u64 bytes, u64 pattern) {
  u64 at = thread_index() * 16;
  if (at + 16 <= bytes) {
    *(ulonglong2*)(y + at) = make_ulonglong2(pattern, pattern);
  } else {
    for (u64 i = at; i < bytes; i++) y[i] = (u8)(pattern >> (i % 8 * 8));
  }
}

// y = x, both aligned to 16
extern "C" __global__ void __launch_bounds__(BLOCK) copy_b16(const u8* x, u8* y, u64 bytes) {
  u64 at = thread_index() * 16;
  if (at + 16 <= bytes) {
    *(uint4*)(y + at) = *(const uint4*)(x + at);
  } else {
#pragma unroll 1
    for (; at < bytes; at++) y[at] = x[at];
  }
}

// rows of `run` units: y[row][i] = x[row][i], rows xPitch and yPitch units apart; n = rows x run
template <class Unit>
__device__ __forceinline__ void copy_rows(const Unit* x, Unit* y, u64 n, u32 run, u64 xPitch,
                                          u64 yPitch) {
  u64 row = thread_index();
  if (row >= n) return;
  u32 i = take_axis(row, run);
  y[row * yPitch + i] = x[row * xPitch + i];
}

// y[row] = `before` zeros, x[row] of `run` units, zeros up to `pitch`; n = rows x pitch
template <class Unit>
__device__ __forceinline__ void pad_rows(const Unit* x, Unit* y, u64 n, u32 run, u32 before,
                                         u32 pitch) {
  u64 at = thread_index();
  if (at >= n) return;
  u64 row = at;
  u32 i = take_axis(row, pitch) - before;  // wraps below 0
  Unit unit = Unit();
  if (i < run) unit = x[row * run + i];
  y[at] = unit;
}

// (o, p, q, run) to (o, q, p, run); n = o p q run
template <class Unit>
__device__ __forceinline__ void swap_rows(const Unit* x, Unit* y, u64 n, u32 p, u32 q, u32 run) {
  u64 at = thread_index();
  if (at >= n) return;
  u64 outer = at;
  u32 u = take_axis(outer, run);
  u32 i = take_axis(outer, p);
  u32 j = take_axis(outer, q);
  y[at] = x[((outer * p + i) * q + j) * run + u];
}

// (o, p, q) to (o, q, p); a block for each tile, along q first
template <class Unit>
__device__ __forceinline__ void transpose(const Unit* x, Unit* y, u32 p, u32 q) {
  __shared__ Unit tile[TILE][TILE + 1];
  u64 outer = blockIdx.x;
  u32 column = take_axis(outer, (q + TILE - 1) / TILE) * TILE;
  u32 row = take_axis(outer, (p + TILE - 1) / TILE) * TILE;
  u32 lane = threadIdx.x % TILE;
  u32 warp = threadIdx.x / TILE;
  u64 start = outer * p * q;
#pragma unroll
  for (u32 i = warp; i < TILE; i += BLOCK / TILE) {
    if (row + i < p && column + lane < q) {
      tile[i][lane] = x[start + (u64)(row + i) * q + column + lane];
    }
  }
  __syncthreads();
#pragma unroll
  for (u32 i = warp; i < TILE; i += BLOCK / TILE) {
    if (column + i < q && row + lane < p) {
      y[start + (u64)(column + i) * p + row + lane] = tile[lane][i];
    }
  }
}

#define ROWS(b, Unit)                                                                          \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      copy_rows_##b(const Unit* x, Unit* y, u64 n, u32 run, u64 xPitch, u64 yPitch) {          \
    copy_rows(x, y, n, run, xPitch, yPitch);                                                   \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      pad_rows_##b(const Unit* x, Unit* y, u64 n, u32 run, u32 before, u32 pitch) {            \
    pad_rows(x, y, n, run, before, pitch);                                                     \
  }                                                                                            \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      swap_rows_##b(const Unit* x, Unit* y, u64 n, u32 p, u32 q, u32 run) {                    \
    swap_rows(x, y, n, p, q, run);                                                             \
  }

#define TRANSPOSE(b, Unit)                                                                     \
  extern "C" __global__ void __launch_bounds__(BLOCK)                                          \
      transpose_##b(const Unit* x, Unit* y, u32 p, u32 q) {                                    \
    transpose(x, y, p, q);                                                                     \
  }

ROWS(b1, u8)
ROWS(b2, u16)
ROWS(b4, u32)
ROWS(b8, u64)
ROWS(b16, uint4)
TRANSPOSE(b1, u8)
TRANSPOSE(b2, u16)
TRANSPOSE(b4, u32)
TRANSPOSE(b8, u64)
