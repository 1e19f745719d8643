// Philox4x32-10 (Salmon et al., SC 2011): four random words from a 128-bit counter and a 64-bit key.
#pragma once

#include "types.cuh"

// Words 0 to 3 of block `block` of a stream, as the host draws them.
__device__ __forceinline__ uint4 philox(u64 seed, u64 stream, u64 block) {
  u32 c0 = (u32)block;
  u32 c1 = (u32)(block >> 32);
  u32 c2 = (u32)stream;
  u32 c3 = (u32)(stream >> 32);
  u32 k0 = (u32)seed;
  u32 k1 = (u32)(seed >> 32);
#pragma unroll
  for (int round = 0; round < 10; round++) {
    u64 p0 = (u64)0xD2511F53u * c0;
    u64 p1 = (u64)0xCD9E8D57u * c2;
    c0 = (u32)(p1 >> 32) ^ c1 ^ k0;
    c2 = (u32)(p0 >> 32) ^ c3 ^ k1;
    c1 = (u32)p1;
    c3 = (u32)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return make_uint4(c0, c1, c2, c3);
}
