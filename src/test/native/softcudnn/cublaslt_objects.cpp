// Handles and descriptors by number, and what four layouts and an operation say together.
#include "cublaslt_objects.hpp"

#include <string>

namespace softcudnn {
namespace {

std::map<uint64_t, Object>& objects() {
  static auto* the = new std::map<uint64_t, Object>;
  return *the;
}

const char* name_of(ObjectKind kind) {
  switch (kind) {
    case ObjectKind::handle: return "handle";
    case ObjectKind::layout: return "matrix layout";
    case ObjectKind::operation: return "matmul descriptor";
    default: return "matmul preference";
  }
}

std::vector<uint8_t>& value_of(Object& object, int attribute) {
  auto found = object.values.find(attribute);
  require(
      found != object.values.end(), CUBLAS_STATUS_INVALID_VALUE,
      std::string("a ") + name_of(object.kind) + " has no attribute " + std::to_string(attribute) + " in softcudnn");
  return found->second;
}

Element element_of(int type, const std::string& name) {
  switch (type) {
    case CUDA_R_32F: return Element::f32;
    case CUDA_R_16F: return Element::f16;
    case CUDA_R_16BF: return Element::bf16;
    default:
      refuse(CUBLAS_STATUS_NOT_SUPPORTED,
             name + " has data type " + std::to_string(type) + ", which softcudnn has not");
  }
}

bool transposes(const Object& operation, int attribute, const char* name) {
  int value = operation.get<int32_t>(attribute);
  require(value == CUBLAS_OP_N || value == CUBLAS_OP_T, CUBLAS_STATUS_INVALID_VALUE,
          std::string(name) + " is neither CUBLAS_OP_N nor CUBLAS_OP_T");
  return value == CUBLAS_OP_T;
}

bool same(const Matrix& a, const Matrix& b) {
  return a.element == b.element && a.rows == b.rows && a.columns == b.columns && a.down == b.down &&
         a.across == b.across;
}

void check_types(const Product& p, const Object& operation) {
  require(p.a.element == p.b.element, CUBLAS_STATUS_NOT_SUPPORTED, "A and B differ in type");
  require(p.d.element == p.a.element || p.d.element == Element::f32, CUBLAS_STATUS_NOT_SUPPORTED,
          "D is neither of A's type nor f32");
  require(same(p.c, p.d), CUBLAS_STATUS_NOT_SUPPORTED, "the layouts of C and D differ");
  int compute = operation.get<int32_t>(CUBLASLT_MATMUL_DESC_COMPUTE_TYPE);
  bool known = compute == CUBLAS_COMPUTE_32F || compute == CUBLAS_COMPUTE_32F_PEDANTIC || p.tf32;
  require(known, CUBLAS_STATUS_NOT_SUPPORTED, "softcudnn has no compute type " + std::to_string(compute));
  require(!p.tf32 || p.a.element == Element::f32, CUBLAS_STATUS_NOT_SUPPORTED,
          "CUBLAS_COMPUTE_32F_FAST_TF32 is for f32 matrices");
  require(operation.get<int32_t>(CUBLASLT_MATMUL_DESC_SCALE_TYPE) == CUDA_R_32F, CUBLAS_STATUS_NOT_SUPPORTED,
          "the scale type is not CUDA_R_32F");
  require(operation.get<int32_t>(CUBLASLT_MATMUL_DESC_POINTER_MODE) == CUBLASLT_POINTER_MODE_HOST,
          CUBLAS_STATUS_NOT_SUPPORTED, "softcudnn has alpha and beta on the host only");
  require(!transposes(operation, CUBLASLT_MATMUL_DESC_TRANSC, "TRANSC"), CUBLAS_STATUS_NOT_SUPPORTED,
          "C cannot be transposed");
}

}  // namespace

void* add(Object object) {
  static uint64_t next = 0x5e0000000000;
  objects().emplace(next += 16, std::move(object));
  return reinterpret_cast<void*>(next);
}

Object& object_of(void* number, ObjectKind kind) {
  auto found = objects().find(reinterpret_cast<uint64_t>(number));
  int status = kind == ObjectKind::handle ? CUBLAS_STATUS_NOT_INITIALIZED : CUBLAS_STATUS_INVALID_VALUE;
  require(found != objects().end() && found->second.kind == kind, status,
          std::string("the ") + name_of(kind) + " is none, or was destroyed");
  return found->second;
}

void remove(void* number, ObjectKind kind) {
  object_of(number, kind);
  objects().erase(reinterpret_cast<uint64_t>(number));
}

void forget_objects() { objects().clear(); }

std::string live_objects() {
  std::string text;
  for (auto& [number, object] : objects()) text += std::string("cuBLASLt ") + name_of(object.kind) + "\n";
  return text;
}

void set_attribute(Object& object, int attribute, const void* value, size_t bytes) {
  std::vector<uint8_t>& held = value_of(object, attribute);
  require(value != nullptr, CUBLAS_STATUS_INVALID_VALUE, "the value is null");
  require(bytes == held.size(), CUBLAS_STATUS_INVALID_VALUE,
          "attribute " + std::to_string(attribute) + " of a " + name_of(object.kind) + " has " +
              std::to_string(held.size()) + " bytes, not " + std::to_string(bytes));
  std::memcpy(held.data(), value, bytes);
}

void get_attribute(const Object& object, int attribute, void* value, size_t bytes, size_t* written) {
  const std::vector<uint8_t>& held = value_of(const_cast<Object&>(object), attribute);
  require(bytes == 0 ? written != nullptr : value != nullptr && bytes == held.size(), CUBLAS_STATUS_INVALID_VALUE,
          "the place of the value has not its size");
  if (bytes) std::memcpy(value, held.data(), bytes);
  if (written) *written = held.size();
}

Matrix matrix_of(const Object& layout, const char* name) {
  auto rows = static_cast<int64_t>(layout.get<uint64_t>(CUBLASLT_MATRIX_LAYOUT_ROWS)),
       columns = static_cast<int64_t>(layout.get<uint64_t>(CUBLASLT_MATRIX_LAYOUT_COLS));
  int64_t step = layout.get<int64_t>(CUBLASLT_MATRIX_LAYOUT_LD);
  int order = layout.get<int32_t>(CUBLASLT_MATRIX_LAYOUT_ORDER);
  require(order == CUBLASLT_ORDER_COL || order == CUBLASLT_ORDER_ROW, CUBLAS_STATUS_NOT_SUPPORTED,
          std::string(name) + " has an order that softcudnn has not");
  require(layout.get<int32_t>(CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT) == 1, CUBLAS_STATUS_NOT_SUPPORTED,
          "softcudnn has no batches of matrices");
  bool by_row = order == CUBLASLT_ORDER_ROW;
  require(rows > 0 && columns > 0, CUBLAS_STATUS_INVALID_VALUE, std::string(name) + " is empty");
  require(step >= (by_row ? columns : rows), CUBLAS_STATUS_INVALID_VALUE,
          std::string(name) + " has a leading dimension of " + std::to_string(step) + " for " + std::to_string(rows) +
              " rows and " + std::to_string(columns) + " columns");
  Element element = element_of(static_cast<int>(layout.get<uint32_t>(CUBLASLT_MATRIX_LAYOUT_TYPE)), name);
  return {element, rows, columns, by_row ? step : 1, by_row ? 1 : step};
}

Product product_of(const Object& operation, const Object& a, const Object& b, const Object& c, const Object& d) {
  Product p{matrix_of(a, "A"), matrix_of(b, "B"), matrix_of(c, "C"), matrix_of(d, "D")};
  p.transpose_a = transposes(operation, CUBLASLT_MATMUL_DESC_TRANSA, "TRANSA");
  p.transpose_b = transposes(operation, CUBLASLT_MATMUL_DESC_TRANSB, "TRANSB");
  p.tf32 = operation.get<int32_t>(CUBLASLT_MATMUL_DESC_COMPUTE_TYPE) == CUBLAS_COMPUTE_32F_FAST_TF32;
  p.m = p.transpose_a ? p.a.columns : p.a.rows;
  p.k = p.transpose_a ? p.a.rows : p.a.columns;
  p.n = p.transpose_b ? p.b.rows : p.b.columns;
  require((p.transpose_b ? p.b.columns : p.b.rows) == p.k, CUBLAS_STATUS_INVALID_VALUE,
          "op(A) has " + std::to_string(p.k) + " columns, and op(B) as many rows not");
  require(p.d.rows == p.m && p.d.columns == p.n, CUBLAS_STATUS_INVALID_VALUE,
          "D is not " + std::to_string(p.m) + " by " + std::to_string(p.n));
  check_types(p, operation);
  auto epilogue = operation.get<uint32_t>(CUBLASLT_MATMUL_DESC_EPILOGUE);
  require(epilogue == CUBLASLT_EPILOGUE_DEFAULT || (epilogue & ~6u) == 0, CUBLAS_STATUS_NOT_SUPPORTED,
          "softcudnn has no epilogue " + std::to_string(epilogue));
  p.relu = (epilogue & CUBLASLT_EPILOGUE_RELU) != 0;
  p.biased = (epilogue & CUBLASLT_EPILOGUE_BIAS) != 0;
  p.bias = operation.get<uint64_t>(CUBLASLT_MATMUL_DESC_BIAS_POINTER);
  int type = operation.get<int32_t>(CUBLASLT_MATMUL_DESC_BIAS_DATA_TYPE);
  p.bias_element = type < 0 ? p.d.element : element_of(type, "the bias");
  require(p.bias_element == p.d.element || p.bias_element == Element::f32, CUBLAS_STATUS_NOT_SUPPORTED,
          "the bias is neither of D's type nor f32");
  return p;
}

uint64_t Product::fingerprint() const {
  uint64_t hash = 1469598103934665603u;
  auto mix = [&](int64_t value) { hash = (hash ^ static_cast<uint64_t>(value)) * 1099511628211u; };
  for (const Matrix* each : {&a, &b, &c, &d}) {
    for (int64_t value : {static_cast<int64_t>(each->element), each->rows, each->columns, each->down, each->across})
      mix(value);
  }
  for (bool flag : {transpose_a, transpose_b, tf32, relu, biased}) mix(flag);
  return hash;
}

}  // namespace softcudnn
