// f32 products on the ordinary units, for the three directions of conv.cuh.
//
// A block of THREADS computes ROWS x COLUMNS of the product, a thread TM x TN of them in registers.
// Steps of DEPTH pass through two buffers in shared memory: while one is multiplied, the next
// step's operands are on their way into registers (one barrier per step). Shared memory holds both operands with
// the depth as the slow axis, so that a thread reads its quads with 128-bit loads; TM * TN multiply-adds need
// TM + TN words. Global loads are 128 bits wide where four channels in a row exist (a multiple of
// 4), single words otherwise. A row or column beyond the product's last reads the last one's operands, and
// its result is not stored. Each result is one chain of fma in the order of its depth.
#pragma once

#include "conv.cuh"

template <int ROWS_, int COLUMNS_, int DEPTH_, int TM_, int TN_>
struct Tile {
  enum {
    ROWS = ROWS_,
    COLUMNS = COLUMNS_,
    DEPTH = DEPTH_,
    TM = TM_,
    TN = TN_,
    ACROSS = COLUMNS_ / TN_,     // threads along the columns
    ALIGNED = TM_ * TN_ == 64,  // takes only channels in multiples of 4: no registers for other code
    THREADS = ROWS_ / TM_ * ACROSS
  };
};

// Rows of shared memory are 4 words longer than the tile: they stay aligned to 128 bits, and stores
// of quads along the depth fall into different banks.
template <class T>
struct Stage {
  float left[T::DEPTH][T::ROWS + 4];
  float right[T::DEPTH][T::COLUMNS + 4];
};

__device__ __forceinline__ void loadQuad(float (&v)[4], const float* p, bool there) {
  float4 q = there ? __ldg((const float4*)p) : make_float4(0, 0, 0, 0);
  v[0] = q.x, v[1] = q.y, v[2] = q.z, v[3] = q.w;
}

// Loads EXTENT x DEPTH whose quads lie along the depth: thread t takes quad t % QUADS of every
// STEP-th row from t / QUADS.
template <class T, int EXTENT>
struct AlongDepth {
  enum { QUADS = T::DEPTH / 4, STEP = T::THREADS / QUADS, LOADS = (EXTENT + STEP - 1) / STEP };
  float value[LOADS][4];
  int quad, first;

  __device__ __forceinline__ AlongDepth() : quad(threadIdx.x % QUADS * 4), first(threadIdx.x / QUADS) {}
  __device__ __forceinline__ void store(float (*tile)[EXTENT + 4]) const {
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      if (EXTENT % STEP == 0 || first + i * STEP < EXTENT) {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          tile[quad + j][first + i * STEP] = value[i][j];
        }
      }
    }
  }
};

// Loads EXTENT x DEPTH whose quads lie along the extent: thread t takes quad t % QUADS of every
// STEP-th depth from t / QUADS.
template <class T, int EXTENT>
struct AcrossDepth {
  enum { QUADS = EXTENT / 4, STEP = T::THREADS / QUADS, LOADS = (T::DEPTH + STEP - 1) / STEP };
  float value[LOADS][4];
  int quad, first;

  __device__ __forceinline__ AcrossDepth() : quad(threadIdx.x % QUADS * 4), first(threadIdx.x / QUADS) {}
  __device__ __forceinline__ bool mine(int i) const { return T::DEPTH % STEP == 0 || first + i * STEP < T::DEPTH; }
  __device__ __forceinline__ void store(float (*tile)[EXTENT + 4]) const {
#pragma unroll
    for (int i = 0; i < LOADS; i++) {
      if (mine(i)) {
        *(float4*)&tile[first + i * STEP][quad] = make_float4(value[i][0], value[i][1], value[i][2], value[i][3]);
      }
    }
  }
};

// Left operand of forward and dgrad: pixels gathered from the source.
template <class T>
struct GatheredRows : AlongDepth<T, T::ROWS> {
  typedef AlongDepth<T, T::ROWS> Base;
  ConvOrigin origin[Base::LOADS];

  __device__ __forceinline__ GatheredRows(const ConvParameters& p, const ConvBlock& block, int row, int rows) {
#pragma unroll
    for (int i = 0; i < Base::LOADS; i++) {
      origin[i].setRow(p, block, min(row + this->first + i * Base::STEP, rows - 1));
    }
  }
  __device__ __forceinline__ void fetch(const ConvParameters& p, const ConvBlock& block, int k, int end) {
    const float* source = (const float*)p.left;
    k += this->quad;
    if (T::ALIGNED || (p.sourceC & 3) == 0) {
      ConvTap tap(p, block, k);
#pragma unroll
      for (int i = 0; i < Base::LOADS; i++) {
        loadQuad(this->value[i], source + tap.offset(p, origin[i]), k < end && tap.inside(p, origin[i]));
      }
    } else {
#pragma unroll
      for (int j = 0; j < 4; j++) {
        ConvTap tap(p, block, k + j);
#pragma unroll
        for (int i = 0; i < Base::LOADS; i++) {
          bool there = k + j < end && tap.inside(p, origin[i]);
          this->value[i][j] = there ? __ldg(source + tap.offset(p, origin[i])) : 0.f;
        }
      }
    }
  }
};

// Right operand of forward: w (co, taps x ci), a row per column of the product.
template <class T>
struct WeightRows : AlongDepth<T, T::COLUMNS> {
  typedef AlongDepth<T, T::COLUMNS> Base;
  enum { DGRAD = false };
  const float* row[Base::LOADS];

  __device__ __forceinline__ WeightRows(const ConvParameters& p, const ConvBlock& block, int column) {
#pragma unroll
    for (int i = 0; i < Base::LOADS; i++) {
      int n = min(column + this->first + i * Base::STEP, p.columns - 1);
      row[i] = (const float*)p.right + (long long)n * block.depth(p) + this->quad;
    }
  }
  __device__ __forceinline__ void fetch(const ConvParameters& p, const ConvBlock&, int k, int end) {
#pragma unroll
    for (int i = 0; i < Base::LOADS; i++) {
      if (T::ALIGNED || (p.sourceC & 3) == 0) {
        loadQuad(this->value[i], row[i] + k, k + this->quad < end);
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          this->value[i][j] = k + this->quad + j < end ? __ldg(row[i] + k + j) : 0.f;
        }
      }
    }
  }
};

// Loads four columns from `column`, as many as there are; `column` is at most `lastQuad(columns)`.
template <class T>
__device__ __forceinline__ void loadColumns(float (&v)[4], const float* p, bool row, int column, int columns) {
  if (T::ALIGNED || (columns & 3) == 0) {
    loadQuad(v, p, row);
  } else {
#pragma unroll
    for (int j = 0; j < 4; j++) {
      v[j] = row && column + j < columns ? __ldg(p + j) : 0.f;
    }
  }
}

// The last multiple of 4 that is a column.
__device__ __forceinline__ int lastQuad(int columns) { return columns - 1 & ~3; }

// Right operand of dgrad: w (co, kh, kw, ci), a row per depth (tap, co).
template <class T>
struct WeightColumns : AcrossDepth<T, T::COLUMNS> {
  typedef AcrossDepth<T, T::COLUMNS> Base;
  enum { DGRAD = true };
  int column;

  __device__ __forceinline__ WeightColumns(const ConvParameters& p, const ConvBlock&, int first)
      : column(min(first + this->quad, lastQuad(p.columns))) {}
  __device__ __forceinline__ void fetch(const ConvParameters& p, const ConvBlock& block, int k, int end) {
#pragma unroll
    for (int i = 0; i < Base::LOADS; i++) {
      int at = k + this->first + i * Base::STEP;
      ConvTap tap(p, block, at);
      long long row = (long long)tap.channel * (p.kernelH * p.kernelW) + tap.weight;
      const float* w = (const float*)p.right + row * p.columns + column;
      loadColumns<T>(this->value[i], w, this->mine(i) && at < end, column, p.columns);
    }
  }
};

// Left operand of wgrad: dy (pixels, co).
template <class T>
struct OutputColumns : AcrossDepth<T, T::ROWS> {
  typedef AcrossDepth<T, T::ROWS> Base;
  int row;

  __device__ __forceinline__ OutputColumns(const ConvParameters& p, int first) : row(min(first + this->quad, lastQuad(p.rows))) {}
  __device__ __forceinline__ void fetch(const ConvParameters& p, int k, int end) {
#pragma unroll
    for (int i = 0; i < Base::LOADS; i++) {
      int at = k + this->first + i * Base::STEP;
      const float* dy = (const float*)p.left + (long long)at * p.rows + row;
      loadColumns<T>(this->value[i], dy, this->mine(i) && at < end, row, p.rows);
    }
  }
};

// Right operand of wgrad: x (pixels, taps x ci), gathered.
template <class T>
struct GatheredColumns : AcrossDepth<T, T::COLUMNS> {
  typedef AcrossDepth<T, T::COLUMNS> Base;
  int column;
  ConvTap tap;  // of the first of four columns

  __device__ __forceinline__ GatheredColumns(const ConvParameters& p, const ConvBlock& block, int first)
      : column(min(first + this->quad, lastQuad(p.columns))), tap(p, block, column) {}
  __device__ __forceinline__ void fetch(const ConvParameters& p, const ConvBlock& block, int k, int end) {
    const float* source = (const float*)p.right;
#pragma unroll
    for (int i = 0; i < Base::LOADS; i++) {
      int at = k + this->first + i * Base::STEP;
      bool exists = this->mine(i) && at < end;
      int b = divide(at, p.plane);
      int pixel = at - b * (int)p.plane.divisor;
      int u = divide(pixel, p.line);
      ConvOrigin origin;
      origin.set(p, b, u, pixel - u * (int)p.line.divisor, block.v, block.h);
      if (T::ALIGNED || (p.sourceC & 3) == 0) {
        loadQuad(this->value[i], source + tap.offset(p, origin), exists && tap.inside(p, origin));
      } else {
#pragma unroll
        for (int j = 0; j < 4; j++) {
          ConvTap each(p, block, column + j);
          bool there = exists && column + j < p.columns && each.inside(p, origin);
          this->value[i][j] = there ? __ldg(source + each.offset(p, origin)) : 0.f;
        }
      }
    }
  }
};

// One step of the product: sum += left^T right.
template <class T>
__device__ __forceinline__ void multiply(const Stage<T>& stage, float (&sum)[T::TM][T::TN]) {
  int row = threadIdx.x / T::ACROSS * 4, column = threadIdx.x % T::ACROSS * 4;
#pragma unroll
  for (int k = 0; k < T::DEPTH; k++) {
    float a[T::TM], b[T::TN];
#pragma unroll
    for (int i = 0; i < T::TM; i += 4) {
      float4 q = *(const float4*)&stage.left[k][row + i * (T::ROWS / T::TM)];
      a[i] = q.x, a[i + 1] = q.y, a[i + 2] = q.z, a[i + 3] = q.w;
    }
#pragma unroll
    for (int j = 0; j < T::TN; j += 4) {
      float4 q = *(const float4*)&stage.right[k][column + j * (T::COLUMNS / T::TN)];
      b[j] = q.x, b[j + 1] = q.y, b[j + 2] = q.z, b[j + 3] = q.w;
    }
#pragma unroll
    for (int i = 0; i < T::TM; i++) {
#pragma unroll
      for (int j = 0; j < T::TN; j++) {
        sum[i][j] = fmaf(a[i], b[j], sum[i][j]);
      }
    }
  }
}

// Hands each row's quads to `finish(sums, row, column)`. The rows pass through sum[0], so that the
// epilogue's code exists once and not TM times.
template <class T, class Finish>
__device__ __forceinline__ void finishRows(float (&sum)[T::TM][T::TN], Finish finish) {
  int row = threadIdx.x / T::ACROSS * 4, column = threadIdx.x % T::ACROSS * 4;
#pragma unroll 1
  for (int i = 0; i < T::TM; i++) {
#pragma unroll 1
    for (int j = 0; j < T::TN; j += 4) {
      float quad[4];
#pragma unroll
      for (int e = 0; e < 4; e++) {
        quad[e] = T::TN > 4 && j ? sum[0][T::TN - 4 + e] : sum[0][e];
      }
      finish(quad, row + i % 4 + i / 4 * (4 * T::ROWS / T::TM), column + j * (T::COLUMNS / T::TN));
    }
#pragma unroll
    for (int r = 1; r < T::TM; r++) {
#pragma unroll
      for (int j = 0; j < T::TN; j++) {
        sum[r - 1][j] = sum[r][j];
      }
    }
  }
}

// Forward and dgrad; they differ in how the weight is read.
template <class T, class Weight>
__device__ __forceinline__ void gatherConvolution(const ConvParameters& p) {
  __shared__ __align__(16) Stage<T> stages[2];
  ConvBlock block(p, Weight::DGRAD);
  int rows = block.rows(p);
  ConvTile<T::ROWS, T::COLUMNS> tile(p);
  if (tile.row >= rows) {
    return;
  }
  int begin = block.split * p.slice;
  int end = min(block.depth(p), begin + p.slice);
  GatheredRows<T> left(p, block, tile.row, rows);
  Weight right(p, block, tile.column);
  float sum[T::TM][T::TN] = {};
  left.fetch(p, block, begin, end);
  right.fetch(p, block, begin, end);
  int stage = 0;
#pragma unroll 1
  for (int k = begin; k < end; k += T::DEPTH) {
    left.store(stages[stage].left);
    right.store(stages[stage].right);
    __syncthreads();
    if (k + T::DEPTH < end) {
      left.fetch(p, block, k + T::DEPTH, end);
      right.fetch(p, block, k + T::DEPTH, end);
    }
    multiply<T>(stages[stage], sum);
    stage ^= 1;
  }
  ConvBlock again(p, Weight::DGRAD);  // rather than to keep them in registers all the while
  ConvTile<T::ROWS, T::COLUMNS> place(p);
  finishRows<T>(sum, [&](const float(&quad)[4], int i, int j) {
    if (place.row + i < again.rows(p)) {
      convFinish<F32>(p, quad, convPixel(p, again, place.row + i), place.column + j, again.split);
    }
  });
}

// The bias gradient, summed by the blocks of the first tile beside the operand: each step's terms
// first, then with compensation for what the total loses.
template <class T>
struct OperandSum {
  float total, lost;

  __device__ __forceinline__ OperandSum() : total(0), lost(0) {}
  __device__ __forceinline__ void add(const float* column, int pitch) {
    float step = 0;
#pragma unroll
    for (int k = 0; k < T::DEPTH; k++) {
      step += column[k * pitch];
    }
    float term = step - lost;
    float next = total + term;
    lost = (next - total) - term;
    total = next;
  }
};

template <class T>
__device__ __forceinline__ void weightGradient(const ConvParameters& p) {
  __shared__ __align__(16) Stage<T> stages[2];
  ConvBlock block(p, false);
  ConvTile<T::ROWS, T::COLUMNS> tile(p);
  int begin = block.split * p.slice;
  int end = min(p.batch * (int)p.plane.divisor, begin + p.slice);
  bool sumLeft = p.biasSide == CONV_SUM_LEFT && tile.column == 0 && threadIdx.x < T::ROWS;
  bool sumRight = p.biasSide == CONV_SUM_RIGHT && tile.row == 0 && threadIdx.x < T::COLUMNS;
  OutputColumns<T> left(p, tile.row);
  GatheredColumns<T> right(p, block, tile.column);
  OperandSum<T> bias;
  float sum[T::TM][T::TN] = {};
  left.fetch(p, begin, end);
  right.fetch(p, block, begin, end);
  int stage = 0;
#pragma unroll 1
  for (int k = begin; k < end; k += T::DEPTH) {
    left.store(stages[stage].left);
    right.store(stages[stage].right);
    __syncthreads();
    if (sumLeft) {
      bias.add(&stages[stage].left[0][threadIdx.x], T::ROWS + 4);
    } else if (sumRight) {
      bias.add(&stages[stage].right[0][threadIdx.x], T::COLUMNS + 4);
    }
    if (k + T::DEPTH < end) {
      left.fetch(p, k + T::DEPTH, end);
      right.fetch(p, block, k + T::DEPTH, end);
    }
    multiply<T>(stages[stage], sum);
    stage ^= 1;
  }
  ConvBlock again(p, false);
  ConvTile<T::ROWS, T::COLUMNS> place(p);
  int at = (sumLeft ? place.row : place.column) + threadIdx.x;
  if (sumLeft ? at < p.rows : sumRight && at < p.columns) {
    (p.partial ? p.partial + again.split * p.partialStride + p.elements : p.biasGradient)[at] = bias.total;
  }
  finishRows<T>(sum, [&](const float(&quad)[4], int i, int j) {
    if (place.row + i < p.rows) {
      convFinish<F32>(p, quad, place.row + i, place.column + j, again.split);
    }
  });
}
