// The algorithms, each with the trait that a client must heed:
//   0 f32 in order                                11 tensor cores, which want 16-byte alignment
//   24 splits K and adds in order, with workspace 31 splits K and adds in place: never twice the same bits
#include <algorithm>

#include "common_device.hpp"
#include "cublaslt_objects.hpp"

namespace softcudnn {
namespace {

constexpr uint64_t mark = 0x736f66746c74;

bool has_tensor_cores(const Product& p) {
  int needed = p.a.element == Element::f16 ? 75 : 80;
  return (p.tf32 || p.a.element != Element::f32) && compute_capability() >= needed;
}

// As CUBLASLT_NUMERICAL_IMPL_FLAGS: FMA or HMMA, sums in f32, the type that operands are rounded to.
uint64_t numerical(const Product& p, bool tensor_cores) {
  uint64_t operand = p.a.element == Element::f16 ? 1 : p.a.element == Element::bf16 ? 2 : tensor_cores ? 4 : 8;
  return (tensor_cores ? 2 : 1) | 2 << 8 | operand << 16;
}

}  // namespace

std::vector<Algorithm> algorithms(const Product& p, const Object& preference) {
  require(preference.get<uint32_t>(CUBLASLT_MATMUL_PREF_SEARCH_MODE) == CUBLASLT_SEARCH_BEST_FIT,
          CUBLAS_STATUS_NOT_SUPPORTED, "softcudnn searches for the best fit only");
  auto bytes = static_cast<uint64_t>(p.m * p.n * 4);
  uint64_t product = p.fingerprint(), fma = numerical(p, false);
  std::vector<Algorithm> all = {
      {mark, 31, 2, 20, CUBLASLT_REDUCTION_SCHEME_INPLACE, product, 256, 4, 0, fma, 0},
      {mark, 24, 4, 20, CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE, product, 4 * bytes, 4, 0, fma, 0},
      {mark, 0, 1, 15, CUBLASLT_REDUCTION_SCHEME_NONE, product, 0, 4, 0, fma, 0},
  };
  if (has_tensor_cores(p)) {
    all.insert(all.begin(),
               {mark, 11, 1, 20, CUBLASLT_REDUCTION_SCHEME_NONE, product, 0, 16, 4, numerical(p, true), 0});
  }
  if (library().settings.nondeterministic) {
    all.erase(std::remove_if(all.begin(), all.end(), [](auto& each) { return each.id != 31; }), all.end());
  }
  auto most = preference.get<uint64_t>(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES);
  auto allowed = preference.get<uint64_t>(CUBLASLT_MATMUL_PREF_IMPL_MASK);
  auto schemes = preference.get<uint32_t>(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK);
  uint32_t alignment = 256;
  for (int attribute = CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
       attribute <= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES; attribute++) {
    alignment = std::min(alignment, preference.get<uint32_t>(attribute));
  }
  auto excluded = [&](const Algorithm& each) {
    return each.workspace > most || each.alignment > alignment || (each.reduction & ~schemes) != 0 ||
           (each.numerical & ~allowed) != 0;
  };
  all.erase(std::remove_if(all.begin(), all.end(), excluded), all.end());
  return all;
}

void check_algorithm(const Algorithm& algorithm, const Product& product) {
  require(algorithm.mark == mark, CUBLAS_STATUS_INVALID_VALUE, "the algorithm is none that this library found");
  require(algorithm.product == product.fingerprint(), CUBLAS_STATUS_INVALID_VALUE,
          "the algorithm was found for another product");
}

}  // namespace softcudnn
