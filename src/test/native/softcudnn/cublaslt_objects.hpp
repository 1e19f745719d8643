// cuBLASLt's handles and descriptors: attributes by number and size.
#pragma once

#include <map>
#include <vector>

#include "common_library.hpp"
#include "common_numbers.hpp"
#include "cublaslt_api.hpp"

namespace softcudnn {

enum class ObjectKind { handle, layout, operation, preference };

struct Object {
  ObjectKind kind;
  void* context = nullptr;  // of a handle
  std::map<int, std::vector<uint8_t>> values;

  template <class T>
  T get(int attribute) const {
    T value;
    std::memcpy(&value, values.at(attribute).data(), sizeof(T));
    return value;
  }
  template <class T>
  void put(int attribute, T value) {
    values[attribute].assign(reinterpret_cast<uint8_t*>(&value), reinterpret_cast<uint8_t*>(&value) + sizeof(T));
  }
};

void* add(Object object);
Object& object_of(void* number, ObjectKind kind);
void remove(void* number, ObjectKind kind);

// Attributes as a client sets and asks for them; every one has a value from the start.
void set_attribute(Object& object, int attribute, const void* value, size_t bytes);
void get_attribute(const Object& object, int attribute, void* value, size_t bytes, size_t* written);

// A matrix: element (i, j) lies at i * down + j * across.
struct Matrix {
  Element element;
  int64_t rows, columns, down, across;
};
Matrix matrix_of(const Object& layout, const char* name);

// D = alpha * op(A) op(B) + beta * C, and a bias for each row of D.
struct Product {
  Matrix a, b, c, d;
  bool transpose_a, transpose_b, tf32, relu, biased;
  uint64_t bias;  // may be null until the product runs
  Element bias_element;
  int64_t m, n, k;

  uint64_t fingerprint() const;  // of all but the bias' address
};

// What the descriptors say together; refused where they do not fit.
Product product_of(const Object& operation, const Object& a, const Object& b, const Object& c, const Object& d);

// The algorithms for a product that a preference allows (cublaslt_algorithms.cpp).
std::vector<Algorithm> algorithms(const Product& product, const Object& preference);
// Refuses an algorithm that is not one, or was found for another product.
void check_algorithm(const Algorithm& algorithm, const Product& product);

struct Operands {
  uint64_t a, b, c, d, workspace;
  double alpha, beta;
};
// Puts a product into a stream (cublaslt_matmul.cpp).
void multiply(const Product& product, const Algorithm& algorithm, const Operands& operands, size_t workspace_bytes,
              void* stream);

}  // namespace softcudnn
