// One block's share of a product of matrices on tensor cores: the pipeline from global memory through
// shared memory to f32 sums in registers, and the sums' way out, four columns to a thread.
//
// sm_80 and later keep STAGES tiles of cp.async under way, one group to a tile; sm_75 has the next
// tile in registers while it multiplies the present one. One barrier per tile either way: the slot
// that a copy refills was last read before the barrier that the copy follows.
#pragma once

#include "conv.cuh"
#include "mma.cuh"

// ROWS x COLUMNS of the product by WARPS_M x WARPS_N warps, 64 bytes of depth at a time. WIDE: both
// operands' rows are multiples of 16 bytes, so that every chunk is one copy.
template <Type T_, int ROWS_, int COLUMNS_, int WARPS_M_, int WARPS_N_, int STAGES_, bool WIDE_>
struct Tiling {
  static constexpr Type T = T_;
  enum {
    ROWS = ROWS_,
    COLUMNS = COLUMNS_,
    WARPS_M = WARPS_M_,
    WARPS_N = WARPS_N_,
    WIDE = WIDE_,
    KBYTES = 64,
    ELEMENTS = Chunk<T_>::ELEMENTS,
    DEPTH = KBYTES / Chunk<T_>::BYTES,
    THREADS = 32 * WARPS_M * WARPS_N,
    WARP_ROWS = ROWS / WARPS_M,
    WARP_COLUMNS = COLUMNS / WARPS_N,
    M = WARP_ROWS / 16,
    N = WARP_COLUMNS / 8,
    STAGE_BYTES = (ROWS + COLUMNS) * KBYTES,
    REGISTERS = M * N * 4 + 100,  // about; ptxas, if not told, spills to fit more blocks
    BLOCKS = 65536 / (THREADS * REGISTERS),
#if __CUDA_ARCH__ >= 800
    STAGES = STAGES_
#else
    STAGES = 2
#endif
  };
  static_assert(WARP_ROWS % 16 == 0 && WARP_COLUMNS % 16 == 0, "whole fragments");
};

// ---- chunks -----------------------------------------------------------------------------------

// The largest power of two, at most 16, that divides the bytes of a row of `elements`.
template <class C>
__device__ __forceinline__ int granule(int elements) {
  int bytes = elements * Chunk<C::T>::BYTES;
  int lowest = bytes & -bytes;
  return lowest < 16 ? lowest : 16;
}

// Reads `valid` elements (0 or less: none) and zeros up to 16 bytes.
template <class C>
__device__ __forceinline__ uint4 read_chunk(const void* source, int valid, int granule) {
  uint4 v = make_uint4(0, 0, 0, 0);
  if (C::WIDE || granule == 16) {
    if (valid > 0) {
      v = __ldg((const uint4*)source);
    }
    return v;
  }
  u32 words[4] = {0, 0, 0, 0};
  const int each = 4 / Chunk<C::T>::BYTES;  // elements of a word
#pragma unroll
  for (int i = 0; i < 4; i++) {
    if (granule >= 4) {
      if (i * each < valid) {
        words[i] = __ldg((const u32*)source + i);
      }
    } else {
      if (2 * i < valid) {
        words[i] = __ldg((const u16*)source + 2 * i);
      }
      if (2 * i + 1 < valid) {
        words[i] |= (u32)__ldg((const u16*)source + 2 * i + 1) << 16;
      }
    }
  }
  return make_uint4(words[0], words[1], words[2], words[3]);
}

#if __CUDA_ARCH__ >= 800
__device__ __forceinline__ int clamp_bytes(int bytes, int most) {
  return bytes < 0 ? 0 : bytes < most ? bytes : most;
}

template <class C>
__device__ __forceinline__ void copy_chunk(u32 target, const void* source, int valid, int granule) {
  if (C::WIDE || granule == 16) {
    copy16(target, source, valid > 0 ? 16 : 0);
    return;
  }
  int bytes = valid * Chunk<C::T>::BYTES;
  if (granule == 8) {
    copy8(target, source, clamp_bytes(bytes, 8));
    copy8(target + 8, (const char*)source + 8, clamp_bytes(bytes - 8, 8));
  } else if (granule == 4) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      copy4(target + 4 * i, (const char*)source + 4 * i, clamp_bytes(bytes - 4 * i, 4));
    }
  } else {
    store_shared16(target, read_chunk<C>(source, valid, granule));
  }
}
#endif

// ---- products ---------------------------------------------------------------------------------

template <class C>
struct Sums {
  float v[C::M][C::N][4];

  __device__ __forceinline__ void clear() {
#pragma unroll
    for (int i = 0; i < C::M; i++) {
#pragma unroll
      for (int j = 0; j < C::N; j++) {
#pragma unroll
        for (int e = 0; e < 4; e++) {
          v[i][j][e] = 0;
        }
      }
    }
  }

  // Adds the product of a tile of A and a tile of B.
  template <class A, class B>
  __device__ __forceinline__ void add(u32 a, u32 b) {
    int lane = threadIdx.x & 31;
    int warp = threadIdx.x >> 5;
    int row = warp / C::WARPS_N * C::WARP_ROWS;
    int column = warp % C::WARPS_N * C::WARP_COLUMNS;
#pragma unroll
    for (int step = 0; step < C::KBYTES / 32; step++) {
      u32 left[C::M][4];
#pragma unroll
      for (int i = 0; i < C::M; i++) {
        A::a(left[i], a, row + 16 * i, step, lane);
      }
#pragma unroll
      for (int j = 0; j < C::N; j += 2) {
        u32 right[4];
        B::b(right, b, column + 8 * j, step, lane);
#pragma unroll
        for (int i = 0; i < C::M; i++) {
          multiply<C::T>(v[i][j], left[i], right[0], right[1]);
          multiply<C::T>(v[i][j + 1], left[i], right[2], right[3]);
        }
      }
    }
  }
};

// Sums the tiles of the depth from `first` up to, not with, `last`. The loader's visit(k, f) calls
// f(i, offset, source, valid, granule) for each chunk of a stage that this thread brings, and its
// watch(stage) sees every tile once before it is multiplied.
template <class C, class L>
__device__ __forceinline__ void accumulate(Sums<C>& sums, L& loader, u32 shared, int first, int last) {
  const int tiles = (last - first + C::DEPTH - 1) / C::DEPTH;
#if __CUDA_ARCH__ >= 800
  auto bring = [&](int tile, int slot) {
    if (tile < tiles) {
      u32 stage = shared + slot * C::STAGE_BYTES;
      loader.visit(first + tile * C::DEPTH, [&](int, u32 offset, const void* source, int valid, int granule) {
        copy_chunk<C>(stage + offset, source, valid, granule);
      });
    }
    copies_commit();
  };
#pragma unroll 1  // the copies' code is long
  for (int tile = 0; tile < C::STAGES - 1; tile++) {
    bring(tile, tile);
  }
  int slot = 0;
  int refill = C::STAGES - 1;
#pragma unroll 1
  for (int tile = 0; tile < tiles; tile++) {
    copies_wait<C::STAGES - 2>();
    __syncthreads();
    bring(tile + C::STAGES - 1, refill);
    u32 stage = shared + slot * C::STAGE_BYTES;
    loader.watch(stage);
    sums.template add<typename L::A, typename L::B>(stage, stage + L::A::BYTES);
    refill = slot;
    slot = slot + 1 < C::STAGES ? slot + 1 : 0;
  }
  copies_wait<0>();
#else
  uint4 staged[L::COPIES];
  auto fetch = [&](int tile) {
    loader.visit(first + tile * C::DEPTH, [&](int i, u32, const void* source, int valid, int granule) {
      staged[i] = read_chunk<C>(source, valid, granule);
    });
  };
  auto put = [&](u32 stage) {
    loader.place([&](int i, u32 offset) { store_shared16(stage + offset, staged[i]); });
  };
  if (tiles > 0) {
    fetch(0);
    put(shared);
  }
#pragma unroll 1
  for (int tile = 0; tile < tiles; tile++) {
    __syncthreads();
    bool more = tile + 1 < tiles;
    if (more) {
      fetch(tile + 1);
    }
    u32 stage = shared + (tile & 1) * C::STAGE_BYTES;
    loader.watch(stage);
    sums.template add<typename L::A, typename L::B>(stage, stage + L::A::BYTES);
    if (more) {
      put(shared + (~tile & 1) * C::STAGE_BYTES);
    }
  }
#endif
  __syncthreads();
}

// Hands the sums to store(row of the block, float4), each warp through its own part of shared memory;
// a thread always has the same four columns, those from column4() on.
template <class C>
struct Exit {
  enum { LANES = C::WARP_COLUMNS / 4, ROWS_AT_ONCE = 32 / LANES, PITCH = C::WARP_COLUMNS + 8 };
  static_assert(C::WARPS_M * C::WARPS_N * 16 * PITCH * 4 <= C::STAGES * C::STAGE_BYTES, "fits the stages");

  static __device__ __forceinline__ int column4() {
    int lane = threadIdx.x & 31;
    int warp = threadIdx.x >> 5;
    return warp % C::WARPS_N * C::WARP_COLUMNS + lane % LANES * 4;
  }

  template <class S>
  static __device__ __forceinline__ void drain(const Sums<C>& sums, float* shared, S store) {
    int lane = threadIdx.x & 31;
    int warp = threadIdx.x >> 5;
    float* own = shared + warp * 16 * PITCH;
#pragma unroll 1
    for (int slab = 0; slab < C::M; slab++) {  // one copy of the code of `store`
      __syncwarp();
#pragma unroll
      for (int i = 0; i < C::M; i++) {
        if (i == slab) {
#pragma unroll
          for (int j = 0; j < C::N; j++) {
            float* at = own + (lane >> 2) * PITCH + 8 * j + (lane & 3) * 2;
            *(float2*)at = make_float2(sums.v[i][j][0], sums.v[i][j][1]);
            *(float2*)(at + 8 * PITCH) = make_float2(sums.v[i][j][2], sums.v[i][j][3]);
          }
        }
      }
      __syncwarp();
#pragma unroll 1
      for (int r = lane / LANES; r < 16; r += ROWS_AT_ONCE) {
        float4 v = *(const float4*)(own + r * PITCH + lane % LANES * 4);
        store(warp / C::WARPS_N * C::WARP_ROWS + 16 * slab + r, v);
      }
    }
  }
};
