// Matrix products: products of floats are exact in f64, sums are in f64, and what is stored is rounded
// once.
#include <algorithm>
#include <atomic>

#include "common_device.hpp"
#include "cublaslt_objects.hpp"

namespace softcudnn {
namespace {

// A matrix as floats, row by row, read or written in the runs in which its elements lie together.
struct Runs {
  const Matrix& m;
  bool by_row() const { return m.across == 1; }
  int64_t count() const { return by_row() ? m.rows : m.columns; }
  int64_t length() const { return by_row() ? m.columns : m.rows; }
  uint64_t offset(int64_t run) const { return run * (by_row() ? m.down : m.across) * size_of(m.element); }
  size_t place(int64_t run, int64_t i) const { return by_row() ? run * m.columns + i : i * m.columns + run; }
  uint64_t bytes() const { return length() * size_of(m.element); }
};

bool read(const Matrix& m, uint64_t address, const char* name, std::vector<float>& values) {
  Runs runs{m};
  values.resize(m.rows * m.columns);
  for (int64_t run = 0; run < runs.count(); run++) {
    const void* data = device_read(address + runs.offset(run), runs.bytes(), name);
    if (!data) return false;
    for (int64_t i = 0; i < runs.length(); i++) values[runs.place(run, i)] = load(data, i, m.element);
  }
  return true;
}

bool write(const Matrix& m, uint64_t address, const char* name, const std::vector<double>& values) {
  Runs runs{m};
  for (int64_t run = 0; run < runs.count(); run++) {
    void* data = device_write(address + runs.offset(run), runs.bytes(), name);
    if (!data) return false;
    for (int64_t i = 0; i < runs.length(); i++)
      store(data, i, static_cast<float>(values[runs.place(run, i)]), m.element);
  }
  return true;
}

std::vector<float> transposed(const std::vector<float>& from, int64_t rows, int64_t columns) {
  std::vector<float> to(from.size());
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < columns; j++) to[j * rows + i] = from[i * columns + j];
  }
  return to;
}

struct Job final : Work {
  Product product;
  Algorithm algorithm;
  Operands at;
  void run() override;
};

void Job::run() {
  static std::atomic<uint64_t> runs{0};
  const Product& p = product;
  std::vector<float> a, b, c, bias;
  if (algorithm.workspace) scribble(at.workspace, algorithm.workspace, "workspace");
  if (!read(p.a, at.a, "A", a) || !read(p.b, at.b, "B", b)) return;
  if (at.beta != 0 && !read(p.c, at.c, "C", c)) return;
  if (p.biased && !read({p.bias_element, p.m, 1, 1, p.m}, p.bias, "bias", bias)) return;
  for (std::vector<float>* operand : {&a, &b}) {
    for (float& value : *operand) value = p.tf32 ? to_tf32(value) : value;
  }
  if (p.transpose_a) a = transposed(a, p.k, p.m);
  if (p.transpose_b) b = transposed(b, p.n, p.k);
  std::vector<double> d(p.m * p.n);
  for (int64_t i = 0; i < p.m; i++) {
    for (int64_t l = 0; l < p.k; l++) {
      double factor = a[i * p.k + l];
      const float* row = &b[l * p.n];
      for (int64_t j = 0; j < p.n; j++) d[i * p.n + j] += factor * row[j];
    }
  }
  uint64_t now = algorithm.reduction == CUBLASLT_REDUCTION_SCHEME_INPLACE ? ++runs : 0;
  for (size_t i = 0; i < d.size(); i++) {
    d[i] = at.alpha * d[i] + (c.empty() ? 0 : at.beta * c[i]) + (bias.empty() ? 0 : bias[i / p.n]);
    // a last bit that depends on the run, as sums by atomics do
    if (now)
      d[i] *= 1 + static_cast<double>(((i + 1) * 0x9e3779b97f4a7c15u ^ now * 0xd1342543de82ef95u) >> 40 & 3) * 0x1p-24;
    if (p.relu) d[i] = std::max(d[i], 0.0);
  }
  write(p.d, at.d, "D", d);
}

void check_pointer(uint64_t address, const char* name, uint64_t alignment) {
  require(address != 0, CUBLAS_STATUS_INVALID_VALUE, std::string(name) + " is null");
  require(address % alignment == 0, CUBLAS_STATUS_NOT_SUPPORTED,
          std::string(name) + " is not aligned to the algorithm's " + std::to_string(alignment) + " bytes");
}

void check_workspace(const Algorithm& algorithm, uint64_t workspace, size_t given) {
  if (algorithm.workspace == 0) return;
  std::string needs = "the algorithm needs " + std::to_string(algorithm.workspace) + " bytes of workspace";
  require(given >= algorithm.workspace && workspace != 0, CUBLAS_STATUS_INVALID_VALUE,
          needs + ", given are " + std::to_string(given));
  require(workspace % 256 == 0, CUBLAS_STATUS_INVALID_VALUE, "the workspace is not aligned to 256 bytes");
  uint64_t base = 0, bytes = 0;
  require(allocation(workspace, &base, &bytes), CUBLAS_STATUS_INVALID_VALUE, "the workspace is no device memory");
  require(base + bytes - workspace >= given, CUBLAS_STATUS_INVALID_VALUE,
          "the workspace's allocation ends before the bytes that it is said to have");
}

}  // namespace

void multiply(const Product& product, const Algorithm& algorithm, const Operands& operands, size_t workspace_bytes,
              void* stream) {
  check_algorithm(algorithm, product);
  check_pointer(operands.a, "A", std::max<uint64_t>(algorithm.alignment, size_of(product.a.element)));
  check_pointer(operands.b, "B", std::max<uint64_t>(algorithm.alignment, size_of(product.b.element)));
  check_pointer(operands.d, "D", size_of(product.d.element));
  if (operands.beta != 0) check_pointer(operands.c, "C", size_of(product.c.element));
  if (product.biased) check_pointer(product.bias, "the bias", size_of(product.bias_element));
  check_workspace(algorithm, operands.workspace, workspace_bytes);
  require(is_stream(stream), CUBLAS_STATUS_INVALID_VALUE, "the stream is none of the thread's context");
  auto job = std::make_unique<Job>();
  job->name = "cublasLtMatmul (algorithm " + std::to_string(algorithm.id) + ")";
  job->product = product;
  job->algorithm = algorithm;
  job->at = operands;
  int status = enqueue(stream, std::move(job));
  require(status == 0, CUBLAS_STATUS_EXECUTION_FAILED, "the driver answered " + std::to_string(status));
}

}  // namespace softcudnn
