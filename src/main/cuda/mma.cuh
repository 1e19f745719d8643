// Tensor cores through inline PTX: copies into shared memory, fragments out of it, and the product.
//
// A tile lies in shared memory as rows of 16-byte chunks whose places are permuted by an exclusive or
// with bits of the row, so that the eight 16-byte rows that one phase of ldmatrix reads (or eight
// lanes of cp.async write) always fall into 32 different banks, without padding.
//
//   KMajor tile   rows = m (or n), K runs along the row: ldmatrix as it is
//   MMajor tile   rows = k, m (or n) runs along the row: ldmatrix.trans; TF32, which ldmatrix cannot
//                 transpose, reads single words
//
// One step covers 32 bytes of K: 16 bf16 or f16 (m16n8k16; two m16n8k8 on sm_75) or 8 TF32
// (m16n8k8). Layouts of the fragments: spec softcuda.md 5. Sums are f32 throughout.
#pragma once

#include "types.cuh"

enum class Type { BF16, F16, TF32 };

// How elements are stored.
template <Type T>
struct Element {
  typedef F32 Kind;
};
template <>
struct Element<Type::BF16> {
  typedef BF16 Kind;
};
template <>
struct Element<Type::F16> {
  typedef F16 Kind;
};

// Elements of a 16-byte chunk.
template <Type T>
struct Chunk {
  enum { BYTES = T == Type::TF32 ? 4 : 2, ELEMENTS = 16 / BYTES };
};

__device__ __forceinline__ u32 shared_address(const void* p) {
  return static_cast<u32>(__cvta_generic_to_shared(p));
}

// ---- global to shared -------------------------------------------------------------------------

#if __CUDA_ARCH__ >= 800
// Copies `valid` bytes (0 to 16) and fills the rest of the chunk with zeros; 0 never reads `source`.
__device__ __forceinline__ void copy16(u32 target, const void* source, int valid) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(target), "l"(source), "r"(valid)
               : "memory");
}

__device__ __forceinline__ void copy8(u32 target, const void* source, int valid) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 8, %2;\n" ::"r"(target), "l"(source), "r"(valid)
               : "memory");
}

__device__ __forceinline__ void copy4(u32 target, const void* source, int valid) {
  asm volatile("cp.async.ca.shared.global [%0], [%1], 4, %2;\n" ::"r"(target), "l"(source), "r"(valid)
               : "memory");
}

__device__ __forceinline__ void copies_commit() { asm volatile("cp.async.commit_group;\n" ::: "memory"); }

// Waits until at most PENDING of this thread's newest groups are under way.
template <int PENDING>
__device__ __forceinline__ void copies_wait() {
  asm volatile("cp.async.wait_group %0;\n" ::"n"(PENDING) : "memory");
}
#endif

__device__ __forceinline__ void store_shared16(u32 target, uint4 v) {
  asm volatile("st.shared.v4.u32 [%0], {%1, %2, %3, %4};\n" ::"r"(target), "r"(v.x), "r"(v.y), "r"(v.z),
               "r"(v.w)
               : "memory");
}

// ---- shared to registers ----------------------------------------------------------------------

__device__ __forceinline__ void load_matrices(u32 (&r)[4], u32 address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

__device__ __forceinline__ void load_matrices_transposed(u32 (&r)[4], u32 address) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n"
               : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
               : "r"(address)
               : "memory");
}

__device__ __forceinline__ u32 load_shared4(u32 address) {
  u32 v;
  asm volatile("ld.shared.u32 %0, [%1];\n" : "=r"(v) : "r"(address) : "memory");
  return v;
}

// One element of a tile, as f32.
template <Type T>
__device__ __forceinline__ float load_element(u32 address) {
  if (T == Type::TF32) {
    return __uint_as_float(load_shared4(address));
  }
  u16 bits;
  asm volatile("ld.shared.u16 %0, [%1];\n" : "=h"(bits) : "r"(address) : "memory");
  return T == Type::BF16 ? BF16::widen(bits) : F16::widen(bits);
}

// ---- the product ------------------------------------------------------------------------------

__device__ __forceinline__ u32 round_tf32(u32 bits) {
#if __CUDA_ARCH__ >= 800
  u32 r;
  asm("cvt.rna.tf32.f32 %0, %1;\n" : "=r"(r) : "f"(__uint_as_float(bits)));
  return r;
#else
  return bits;
#endif
}

// c (16, 8) += a (16, 32 bytes of K) * b (32 bytes of K, 8).
template <Type T>
__device__ __forceinline__ void multiply(float (&c)[4], const u32 (&a)[4], u32 b0, u32 b1) {
#if __CUDA_ARCH__ >= 800
  if (T == Type::BF16) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};\n"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  } else if (T == Type::F16) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};\n"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  } else {
    asm("mma.sync.aligned.m16n8k8.row.col.f32.tf32.tf32.f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, "
        "{%0, %1, %2, %3};\n"
        : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1));
  }
#else
  static_assert(T == Type::F16, "sm_75 multiplies f16 only");
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[0]), "r"(a[1]), "r"(b0));
  asm("mma.sync.aligned.m16n8k8.row.col.f32.f16.f16.f32 {%0, %1, %2, %3}, {%4, %5}, {%6}, {%0, %1, %2, %3};\n"
      : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])
      : "r"(a[2]), "r"(a[3]), "r"(b1));
#endif
}

// ---- tiles ------------------------------------------------------------------------------------

// ROWS x CHUNKS chunks of 16 bytes; WORDS marks a tile that is read by single words (TF32, MMajor),
// four rows by eight words at a time.
template <int ROWS_, int CHUNKS_, bool WORDS>
struct Tile {
  enum { ROWS = ROWS_, CHUNKS = CHUNKS_, ROW_BYTES = CHUNKS * 16, BYTES = ROWS * ROW_BYTES };
  static_assert((CHUNKS & (CHUNKS - 1)) == 0, "a power of two");

  // What a row's chunk numbers are permuted by.
  static __device__ __forceinline__ int permutation(int row) {
    if (WORDS) {
      return CHUNKS >= 8 ? (row & 3) << 1 : CHUNKS == 4 ? row & 2 : 0;
    }
    return CHUNKS >= 8 ? row & 7 : row / (8 / CHUNKS) & (CHUNKS - 1);
  }

  static __device__ __forceinline__ u32 offset(int row, int chunk) {
    return row * ROW_BYTES + (chunk ^ permutation(row)) * 16;
  }
};

// Rows are m or n; KBYTES of K along the row.
template <Type T, int EXTENT, int KBYTES>
struct KMajor : Tile<EXTENT, KBYTES / 16, false> {
  typedef Tile<EXTENT, KBYTES / 16, false> Base;
  enum { K_ALONG_ROW = 1 };

  // A (16 x 32 bytes) at row `row` and step `step` of the tile.
  static __device__ __forceinline__ void a(u32 (&r)[4], u32 tile, int row, int step, int lane) {
    load_matrices(r, tile + Base::offset(row + (lane & 15), step * 2 + (lane >> 4)));
    round(r);
  }

  // B of two blocks of 8 columns: r[0], r[1] the first, r[2], r[3] the second.
  static __device__ __forceinline__ void b(u32 (&r)[4], u32 tile, int row, int step, int lane) {
    load_matrices(r, tile + Base::offset(row + (lane & 7) + (lane >> 4 << 3), step * 2 + (lane >> 3 & 1)));
    round(r);
  }

  static __device__ __forceinline__ void round(u32 (&r)[4]) {
    if (T == Type::TF32) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        r[i] = round_tf32(r[i]);
      }
    }
  }
};

// Rows are k; EXTENT of m or n along the row.
template <Type T, int EXTENT, int KBYTES>
struct MMajor : Tile<KBYTES / Chunk<T>::BYTES, EXTENT / Chunk<T>::ELEMENTS, T == Type::TF32> {
  typedef Tile<KBYTES / Chunk<T>::BYTES, EXTENT / Chunk<T>::ELEMENTS, T == Type::TF32> Base;
  enum { K_ALONG_ROW = 0 };

  static __device__ __forceinline__ void a(u32 (&r)[4], u32 tile, int column, int step, int lane) {
    if (T == Type::TF32) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        r[i] = word(tile, step * 8 + (lane & 3) + (i >> 1) * 4, column + (lane >> 2) + (i & 1) * 8);
      }
    } else {
      load_matrices_transposed(
          r, tile + Base::offset(step * 16 + (lane & 7) + (lane >> 4 << 3), column / 8 + (lane >> 3 & 1)));
    }
  }

  static __device__ __forceinline__ void b(u32 (&r)[4], u32 tile, int column, int step, int lane) {
    if (T == Type::TF32) {
#pragma unroll
      for (int i = 0; i < 4; i++) {
        r[i] = word(tile, step * 8 + (lane & 3) + (i & 1) * 4, column + (lane >> 2) + (i >> 1) * 8);
      }
    } else {
      load_matrices_transposed(r, tile + Base::offset(step * 16 + (lane & 15), column / 8 + (lane >> 4)));
    }
  }

  static __device__ __forceinline__ u32 word(u32 tile, int row, int column) {
    return round_tf32(load_shared4(tile + Base::offset(row, column >> 2) + (column & 3) * 4));
  }
};
