// The exported functions of libcublasLt.so.12.
#include <cstddef>

#include "common_library.hpp"

namespace softcudnn {
void forget_objects() {}
std::string live_objects() { return ""; }
}  // namespace softcudnn

using namespace softcudnn;

extern "C" {
size_t cublasLtGetVersion() { return library().settings.cublaslt; }
size_t cublasLtGetCudartVersion() { return library().settings.cudart; }
}
