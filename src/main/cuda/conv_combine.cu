// targets: 75
//
// Adds the splits of a product in their order and applies the epilogue that the product left out.
//
// A thread makes four results: 4 (splits + 1) words of memory traffic for 16 splits additions, bound by
// bandwidth. The sum is compensated (Kahan), so that hundreds of splits cost no accuracy.
#include "conv.cuh"

__device__ __forceinline__ void add(float& total, float& lost, float term) {
  term -= lost;
  float next = total + term;
  lost = (next - total) - term;
  total = next;
}

// T is the type of the residual and of the result.
template <class T>
__device__ __forceinline__ void combine(const ConvParameters& p) {
  long long at = ((long long)blockIdx.x * blockDim.x + threadIdx.x) * 4;
  float total[4] = {}, lost[4] = {};
  if (at + 4 <= p.elements && (p.columns & 3) == 0) {
#pragma unroll 4
    for (int split = 0; split < p.splits; split++) {
      float term[4];
      convLoad4<F32>(p.partial + split * p.partialStride + at, term);
#pragma unroll
      for (int j = 0; j < 4; j++) {
        add(total[j], lost[j], term[j]);
      }
    }
    long long row = convRow(p, at);
    convEpilogue<T>(p, total, row, (int)(at - row * p.columns), 4);
    return;
  }
#pragma unroll 1
  for (int j = 0; j < 4 && at < p.sums; j++, at++) {
    float sum[4] = {}, error = 0;
    for (int split = 0; split < p.splits; split++) {
      add(sum[0], error, p.partial[split * p.partialStride + at]);
    }
    if (at < p.elements) {
      long long row = convRow(p, at);
      convEpilogue<T>(p, sum, row, (int)(at - row * p.columns), 1);
    } else {
      p.biasGradient[at - p.elements] = sum[0];
    }
  }
}

#define ENTRY(name, T) \
  extern "C" __global__ void __launch_bounds__(128) conv_combine_##name(const ConvParameters p) { combine<T>(p); }

ENTRY(f32, F32)
ENTRY(bf16, BF16)
ENTRY(f16, F16)
