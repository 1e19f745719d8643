// The exported functions of libcublasLt.so.12.
#include <algorithm>

#include "common_device.hpp"
#include "cublaslt_objects.hpp"

namespace softcudnn {
namespace {

template <class Body>
int inside(const char* function, Body body) {
  return call(function, CUBLAS_STATUS_ALLOC_FAILED, body);
}

void give(void** place, Object object) {
  require(place != nullptr, CUBLAS_STATUS_INVALID_VALUE, "the place of what is created is null");
  *place = add(std::move(object));
}

Object& layout_of(void* layout) { return object_of(layout, ObjectKind::layout); }

Product product_of(void* operation, void* a, void* b, void* c, void* d) {
  return product_of(object_of(operation, ObjectKind::operation), layout_of(a), layout_of(b), layout_of(c),
                    layout_of(d));
}

void check_handle(void* handle) {
  require(object_of(handle, ObjectKind::handle).context == current_context(), CUBLAS_STATUS_INVALID_VALUE,
          "the thread's context is not the one that the handle was created in");
}

float scalar(const void* place, const char* name) {
  require(place != nullptr, CUBLAS_STATUS_INVALID_VALUE, std::string(name) + " is null");
  return *static_cast<const float*>(place);
}

uint64_t address(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

// An algorithm's attributes, those that softcudnn never changes being 0.
Object configuration(const Algorithm& algorithm) {
  Object made{ObjectKind::preference, nullptr, {}};
  made.put<int32_t>(CUBLASLT_ALGO_CONFIG_ID, algorithm.id);
  made.put<uint32_t>(CUBLASLT_ALGO_CONFIG_TILE_ID, algorithm.tile);
  made.put<int32_t>(CUBLASLT_ALGO_CONFIG_SPLITK_NUM, algorithm.split);
  made.put<uint32_t>(CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME, algorithm.reduction);
  made.put<uint32_t>(CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING, 0);
  made.put<uint32_t>(CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION, 0);
  made.put<uint32_t>(CUBLASLT_ALGO_CONFIG_STAGES_ID, algorithm.stages);
  made.put<uint16_t>(CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID, 0);
  made.put<uint16_t>(CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, 0);
  return made;
}

const char* name_of(int status) {
  switch (status) {
    case CUBLAS_STATUS_SUCCESS: return "CUBLAS_STATUS_SUCCESS";
    case CUBLAS_STATUS_NOT_INITIALIZED: return "CUBLAS_STATUS_NOT_INITIALIZED";
    case CUBLAS_STATUS_ALLOC_FAILED: return "CUBLAS_STATUS_ALLOC_FAILED";
    case CUBLAS_STATUS_INVALID_VALUE: return "CUBLAS_STATUS_INVALID_VALUE";
    case CUBLAS_STATUS_ARCH_MISMATCH: return "CUBLAS_STATUS_ARCH_MISMATCH";
    case CUBLAS_STATUS_MAPPING_ERROR: return "CUBLAS_STATUS_MAPPING_ERROR";
    case CUBLAS_STATUS_EXECUTION_FAILED: return "CUBLAS_STATUS_EXECUTION_FAILED";
    case CUBLAS_STATUS_INTERNAL_ERROR: return "CUBLAS_STATUS_INTERNAL_ERROR";
    case CUBLAS_STATUS_NOT_SUPPORTED: return "CUBLAS_STATUS_NOT_SUPPORTED";
    case CUBLAS_STATUS_LICENSE_ERROR: return "CUBLAS_STATUS_LICENSE_ERROR";
    default: return "CUBLAS_STATUS_UNKNOWN";
  }
}

}  // namespace
}  // namespace softcudnn

using namespace softcudnn;

extern "C" {

size_t cublasLtGetVersion() { return library().settings.cublaslt; }

size_t cublasLtGetCudartVersion() { return library().settings.cudart; }

const char* cublasLtGetStatusName(int status) { return name_of(status); }

const char* cublasLtGetStatusString(int status) { return name_of(status); }

int cublasLtGetProperty(int type, int* value) {
  return inside(__func__, [&] {
    int version = library().settings.cublaslt;
    require(value != nullptr && type >= 0 && type <= 2, CUBLAS_STATUS_INVALID_VALUE, "there is no such property");
    *value = type == 0 ? version / 10000 : type == 1 ? version / 100 % 100 : version % 100;
  });
}

int cublasLtCreate(void** handle) {
  return inside(__func__, [&] {
    void* context = current_context();
    require(context != nullptr, CUBLAS_STATUS_NOT_INITIALIZED, "the thread has no current context");
    give(handle, {ObjectKind::handle, context, {}});
  });
}

int cublasLtDestroy(void* handle) {
  return inside(__func__, [&] { remove(handle, ObjectKind::handle); });
}

int cublasLtMatrixLayoutCreate(void** layout, int type, uint64_t rows, uint64_t columns, int64_t step) {
  return inside(__func__, [&] {
    Object made{ObjectKind::layout, nullptr, {}};
    made.put<uint32_t>(CUBLASLT_MATRIX_LAYOUT_TYPE, static_cast<uint32_t>(type));
    made.put<int32_t>(CUBLASLT_MATRIX_LAYOUT_ORDER, CUBLASLT_ORDER_COL);
    made.put(CUBLASLT_MATRIX_LAYOUT_ROWS, rows);
    made.put(CUBLASLT_MATRIX_LAYOUT_COLS, columns);
    made.put(CUBLASLT_MATRIX_LAYOUT_LD, step);
    made.put<int32_t>(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, 1);
    made.put<int64_t>(CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, 0);
    give(layout, std::move(made));
  });
}

int cublasLtMatmulDescCreate(void** operation, int compute, int scale) {
  return inside(__func__, [&] {
    Object made{ObjectKind::operation, nullptr, {}};
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_COMPUTE_TYPE, compute);
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_SCALE_TYPE, scale);
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_POINTER_MODE, CUBLASLT_POINTER_MODE_HOST);
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_TRANSA, CUBLAS_OP_N);
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_TRANSB, CUBLAS_OP_N);
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_TRANSC, CUBLAS_OP_N);
    made.put<uint32_t>(CUBLASLT_MATMUL_DESC_EPILOGUE, CUBLASLT_EPILOGUE_DEFAULT);
    made.put<uint64_t>(CUBLASLT_MATMUL_DESC_BIAS_POINTER, 0);
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET, 0);
    made.put<int32_t>(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE, -1);
    give(operation, std::move(made));
  });
}

int cublasLtMatmulPreferenceCreate(void** preference) {
  return inside(__func__, [&] {
    Object made{ObjectKind::preference, nullptr, {}};
    made.put<uint32_t>(CUBLASLT_MATMUL_PREF_SEARCH_MODE, CUBLASLT_SEARCH_BEST_FIT);
    made.put<uint64_t>(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, 0);
    made.put<uint32_t>(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, CUBLASLT_REDUCTION_SCHEME_MASK);
    for (int attribute = CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
         attribute <= CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES; attribute++) {
      made.put<uint32_t>(attribute, 256);
    }
    made.put<uint64_t>(CUBLASLT_MATMUL_PREF_IMPL_MASK, ~uint64_t{0});
    give(preference, std::move(made));
  });
}

#define ATTRIBUTES(name, kind)                                                                                  \
  int cublasLt##name##Destroy(void* object) {                                                                   \
    return inside(__func__, [&] { remove(object, kind); });                                                     \
  }                                                                                                             \
  int cublasLt##name##SetAttribute(void* object, int attribute, const void* value, size_t bytes) {              \
    return inside(__func__, [&] { set_attribute(object_of(object, kind), attribute, value, bytes); });          \
  }                                                                                                             \
  int cublasLt##name##GetAttribute(void* object, int attribute, void* value, size_t bytes, size_t* written) {   \
    return inside(__func__, [&] { get_attribute(object_of(object, kind), attribute, value, bytes, written); }); \
  }

ATTRIBUTES(MatrixLayout, ObjectKind::layout)
ATTRIBUTES(MatmulDesc, ObjectKind::operation)
ATTRIBUTES(MatmulPreference, ObjectKind::preference)

int cublasLtMatmulAlgoGetHeuristic(void* handle, void* operation, void* a, void* b, void* c, void* d, void* preference,
                                   int requested, HeuristicResult* results, int* returned) {
  return inside(__func__, [&] {
    check_handle(handle);
    require(requested > 0, CUBLAS_STATUS_INVALID_VALUE, "no algorithms are requested");
    require(results && returned, CUBLAS_STATUS_INVALID_VALUE, "the place of the results or of their count is null");
    Product product = product_of(operation, a, b, c, d);
    std::vector<Algorithm> found = algorithms(product, object_of(preference, ObjectKind::preference));
    *returned = std::min(requested, static_cast<int>(found.size()));
    require(*returned > 0, CUBLAS_STATUS_NOT_SUPPORTED, "no algorithm is within the preference");
    for (int i = 0; i < *returned; i++) results[i] = {found[i], found[i].workspace, CUBLAS_STATUS_SUCCESS, 1, {}};
  });
}

int cublasLtMatmulAlgoCheck(void* handle, void* operation, void* a, void* b, void* c, void* d,
                            const Algorithm* algorithm, HeuristicResult* result) {
  return inside(__func__, [&] {
    check_handle(handle);
    require(algorithm && result, CUBLAS_STATUS_INVALID_VALUE, "the algorithm or the result's place is null");
    check_algorithm(*algorithm, product_of(operation, a, b, c, d));
    result->workspace = algorithm->workspace;
    result->state = CUBLAS_STATUS_SUCCESS;
    result->waves = 1;
  });
}

int cublasLtMatmulAlgoConfigGetAttribute(const Algorithm* algorithm, int attribute, void* value, size_t bytes,
                                         size_t* written) {
  return inside(__func__, [&] {
    require(algorithm != nullptr, CUBLAS_STATUS_INVALID_VALUE, "the algorithm is null");
    get_attribute(configuration(*algorithm), attribute, value, bytes, written);
  });
}

int cublasLtMatmulAlgoCapGetAttribute(const Algorithm* algorithm, int attribute, void* value, size_t bytes,
                                      size_t* written) {
  return inside(__func__, [&] {
    require(algorithm != nullptr, CUBLAS_STATUS_INVALID_VALUE, "the algorithm is null");
    Object made{ObjectKind::preference, nullptr, {}};
    made.put(CUBLASLT_ALGO_CAP_NUMERICAL_IMPL_FLAGS, algorithm->numerical);
    get_attribute(made, attribute, value, bytes, written);
  });
}

int cublasLtMatmul(void* handle, void* operation, const void* alpha, const void* a, void* a_layout, const void* b,
                   void* b_layout, const void* beta, const void* c, void* c_layout, void* d, void* d_layout,
                   const Algorithm* algorithm, void* workspace, size_t workspace_bytes, void* stream) {
  return inside(__func__, [&] {
    check_handle(handle);
    Product product = product_of(operation, a_layout, b_layout, c_layout, d_layout);
    require(algorithm != nullptr, CUBLAS_STATUS_NOT_SUPPORTED, "softcudnn chooses no algorithm on its own");
    Operands operands{address(a),          address(b),         address(c),
                      address(d),          address(workspace), scalar(alpha, "alpha"),
                      scalar(beta, "beta")};
    multiply(product, *algorithm, operands, workspace_bytes, stream);
  });
}

}  // extern "C"
