// targets: 75
// The gradient of both means of structural similarity to the second image (spec model.md 4.3), in one
// pass: windows' moments, their coefficients, and the coefficients spread back onto pixels. Beside
// what ssim.cuh says of moments:
//
// The maths. With G and H the gradients of mean(l cs) and mean(cs) over the number of windows, D and E
// the denominators of l and cs:
//   dl = G cs,  dcs = G l + H,  B = 2 dcs / E,  C = -B cs,
//   A = 2 dl (mx - my l) / D - B (mx - a) - C (my - b)
//   dy = g^T * A + (x - a) (g^T * B) + (y - b) (g^T * C)
//
// The tiling. A block writes SIDE - K + 1 pixels squared: of the windows that touch them it has all.
// A, B, C go one after the other through shared memory: along rows into `spread`, along columns into
// each thread's sums of RUN_BACK pixels of a column.
#include "ssim.cuh"

template <int K>
struct Spread {
  // 5 divides 25 pixels, 11 divides 33
  enum { PIXELS = SIDE - K + 1, RUN_BACK = K == 20 ? 5 : 11, RUNS = PIXELS / RUN_BACK };
  static_assert(PIXELS == RUNS * RUN_BACK, "runs cover the pixels");
  float values[SIDE * PIXELS];
};

// sum[r] = sum over t of taps[t] v[r + K - 1 - t]
template <int K>
__device__ __forceinline__ void spread_run(
    const SsimShape& s, const float (&v)[Spread<K>::RUN_BACK + K - 1],
    float (&sum)[Spread<K>::RUN_BACK]) {
#pragma unroll
  for (int r = 0; r < Spread<K>::RUN_BACK; r++) sum[r] = 0;
#pragma unroll
  for (int step = 0; step < K; step++) {
    int t = outside_in<K>(step);
#pragma unroll
    for (int r = 0; r < Spread<K>::RUN_BACK; r++) {
      sum[r] = fmaf(s.taps[t], v[r + K - 1 - t], sum[r]);
    }
  }
}

// Spreads a coefficient of this thread's windows; sum is that of pixel (first + r, column) of the tile
// for threads below PIXELS RUNS.
template <int K>
__device__ __forceinline__ void spread(Shared<K>& shared, Spread<K>& across, const SsimShape& s,
                                       const float (&coefficient)[RUN],
                                       float (&sum)[Spread<K>::RUN_BACK]) {
  typedef Spread<K> S;
  if (threadIdx.x < 4 * SIDE) {
    int column = threadIdx.x % SIDE, first = threadIdx.x / SIDE * RUN;
#pragma unroll
    for (int r = 0; r < RUN; r++) {
      shared.rows[(first + r) * ROW_PITCH + column] = coefficient[r];
    }
  }
  __syncthreads();
  float v[S::RUN_BACK + K - 1];
  if (threadIdx.x < SIDE * S::RUNS) {
    int row = threadIdx.x % SIDE, first = threadIdx.x / SIDE * S::RUN_BACK;
#pragma unroll
    for (int i = 0; i < S::RUN_BACK + K - 1; i++) v[i] = shared.rows[row * ROW_PITCH + first + i];
    spread_run<K>(s, v, sum);
#pragma unroll
    for (int r = 0; r < S::RUN_BACK; r++) across.values[row * S::PIXELS + first + r] = sum[r];
  }
  __syncthreads();
  if (threadIdx.x < S::PIXELS * S::RUNS) {
    int column = threadIdx.x % S::PIXELS, first = threadIdx.x / S::PIXELS * S::RUN_BACK;
#pragma unroll
    for (int i = 0; i < S::RUN_BACK + K - 1; i++) {
      v[i] = across.values[(first + i) * S::PIXELS + column];
    }
    spread_run<K>(s, v, sum);
  }
}

// Turns moments into coefficients in their place: x to A, xy to B, squares to C; zero outside.
__device__ __forceinline__ void coefficients(Moments& m, const SsimShape& s, int top, int left,
                                             float a, float b, float d_both, float d_contrast) {
  int w = left + (int)threadIdx.x % SIDE, first = top + (int)threadIdx.x / SIDE * RUN;
#pragma unroll
  for (int r = 0; r < RUN; r++) {
    bool valid = first + r >= 0 && first + r < s.windows_h && w >= 0 && w < s.windows_w;
    Similarity window(s, m, r, a, b);
    float dl = d_both * window.contrast;
    float dcs = d_both * window.luminance + d_contrast;
    float of_x = 2 * dcs / window.contrast_lower;
    float of_y = -of_x * window.contrast;
    float constant = 2 * dl * (window.mx - window.my * window.luminance) / window.lower -
                     of_x * m.x[r] - of_y * m.y[r];
    m.x[r] = valid ? constant : 0;
    m.xy[r] = valid ? of_x : 0;
    m.squares[r] = valid ? of_y : 0;
  }
}

template <int K>
__device__ __forceinline__ void ssim_backward(const void* x, const void* y, const void* d_both,
                                              const void* d_contrast, void* dy, const SsimShape& s) {
  typedef Spread<K> S;
  __shared__ Shared<K> shared;
  __shared__ Spread<K> across;
  Tile tile(s);
  int top = tile.row * S::PIXELS, left = tile.column * S::PIXELS;  // of the pixels written
  float a, b;
  load_tile<K>(shared, s, tile, x, y, top - (K - 1), left - (K - 1), a, b);
  Moments m;
  m.filter<K>(shared, s);
  size_t plane = (size_t)tile.image * s.c + tile.channel;
  if (threadIdx.x < 4 * SIDE) {
    float g = load_as(d_both, plane, s.type) * s.area;
    float h = load_as(d_contrast, plane, s.type) * s.area;
    int first_window = s.skip + K - 1;
    coefficients(m, s, top - first_window, left - first_window, a, b, g, h);
  }
  float constant[S::RUN_BACK], of_x[S::RUN_BACK], of_y[S::RUN_BACK];
  spread<K>(shared, across, s, m.x, constant);
  spread<K>(shared, across, s, m.xy, of_x);
  spread<K>(shared, across, s, m.squares, of_y);
  if (threadIdx.x >= S::PIXELS * S::RUNS) return;
  int column = threadIdx.x % S::PIXELS, first = threadIdx.x / S::PIXELS * S::RUN_BACK;
  if (left + column >= s.w) return;
#pragma unroll
  for (int r = 0; r < S::RUN_BACK; r++) {
    int h = top + first + r;
    if (h < s.h) {
      int in_tile = (first + r + K - 1) * Shared<K>::PITCH + column + K - 1;
      float d = constant[r];
      d = fmaf(shared.x[in_tile], of_x[r], d);
      d = fmaf(shared.y[in_tile], of_y[r], d);
      size_t at = ((size_t)tile.image * s.h + h) * s.w + left + column;
      store_as(dy, at * s.c + tile.channel, s.type, d);
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS)
    ssim_backward_any_k12(const void* x, const void* y, const void* d_both,
                         const void* d_contrast, void* dy, const SsimShape s) {
  ssim_backward<12>(x, y, d_both, d_contrast, dy, s);
}

extern "C" __global__ void __launch_bounds__(THREADS)
    ssim_backward_any_k20(const void* x, const void* y, const void* d_both,
                         const void* d_contrast, void* dy, const SsimShape s) {
  ssim_backward<20>(x, y, d_both, d_contrast, dy, s);
}
