// mma.sync, ldmatrix, movmatrix. Fragments and the hardware's sums are those of spec softcuda.md 5.
#include <algorithm>
#include <cmath>
#include <limits>

#include "access.hpp"
#include "decoder.hpp"
#include "half.hpp"

namespace softcuda {

namespace {

// All 32 lanes must be here together, none exited.
bool whole_warp(Warp& w, const Instruction* i, const Instruction** next) {
  if (w.live != ~0u) w.fault(i, first_lane(w.active), 719, "an instruction of the whole warp, of which lanes have ended or do not exist");
  return w.gather(i, ~0u, false, next);
}

float tf32(uint32_t bits) { return bits_of<float>(bits & 0xffffe000); }

// The exponent a product aligns by: that of its type's subnormals counts as the smallest normal's.
int exponent(float x, int least) { return std::max(std::ilogb(x), least); }

float toward_zero(double x) {
  float f = float(x);
  return std::fabs(double(f)) > std::fabs(x) ? std::nextafter(f, 0.0f) : f;
}

// One group of products and c: aligned to the largest exponent, truncated to `fraction` bits, added,
// truncated to f32.
float truncated_sum(const float* a, const float* b, float c, int n, int fraction, int least) {
  int top = std::numeric_limits<int>::min();
  double plain = double(c);
  for (int k = 0; k < n; k++) {
    plain += double(a[k]) * double(b[k]);
    if (a[k] != 0 && b[k] != 0 && std::isfinite(a[k]) && std::isfinite(b[k])) top = std::max(top, exponent(a[k], least) + exponent(b[k], least));
  }
  if (!std::isfinite(plain)) return float(plain);
  if (c != 0) top = std::max(top, exponent(c, -126));
  if (top == std::numeric_limits<int>::min()) return 0;
  double sum = std::trunc(std::ldexp(double(c), fraction - top));
  for (int k = 0; k < n; k++) sum += std::trunc(std::ldexp(double(a[k]) * double(b[k]), fraction - top));
  return toward_zero(std::ldexp(sum, top - fraction));
}

enum Element : uint8_t { of_f16, of_bf16, of_tf32 };

template <Element e>
float half_value(uint32_t bits) {
  return e == of_f16 ? half_to_float(bits & 0xffff) : bfloat_to_float(bits & 0xffff);
}

// Tiles a (16, K), b (K, 8) from the fragments; lane = 4 g + t.
template <Element e, int K>
void unpack(Warp& w, const uint32_t* list, float (&a)[16][K], float (&b)[K][8]) {
  constexpr int packed = e == of_tf32 ? 1 : 2, registers_a = K * 16 / 32 / packed, registers_b = K * 8 / 32 / packed;
  for (int r = 0; r < registers_a; r++) {
    auto x = w.reg<uint32_t>(list[4 + r]);
    for (int l = 0; l < 32; l++) {
      int g = l >> 2, t = l & 3, row = g + 8 * (r & 1);
      if constexpr (e == of_tf32) {
        a[row][t + 4 * (r >> 1)] = tf32(x[l].v);
      } else {
        a[row][2 * t + 8 * (r >> 1)] = half_value<e>(x[l].v);
        a[row][2 * t + 1 + 8 * (r >> 1)] = half_value<e>(x[l].v >> 16);
      }
    }
  }
  for (int r = 0; r < registers_b; r++) {
    auto x = w.reg<uint32_t>(list[8 + r]);
    for (int l = 0; l < 32; l++) {
      int g = l >> 2, t = l & 3;
      if constexpr (e == of_tf32) {
        b[t + 4 * r][g] = tf32(x[l].v);
      } else {
        b[2 * t + 8 * r][g] = half_value<e>(x[l].v);
        b[2 * t + 1 + 8 * r][g] = half_value<e>(x[l].v >> 16);
      }
    }
  }
}

// list: D at 0-3, A at 4-7, B at 8-9, C at 10-13 (fewer registers leave places unused).
// mode bit 0: C is f16; bit 1: D is f16.
template <Element e, int K>
const Instruction* run_mma(Warp& w, const Instruction* i) {
  const Instruction* next;
  if (!whole_warp(w, i, &next)) return next;
  const uint32_t* list = w.block->launch->code->lists.data() + i->list;
  float a[16][K], b[K][8], c[16][8];
  unpack<e, K>(w, list, a, b);
  bool half_c = i->mode & 1, half_d = i->mode & 2;
  for (int r = 0; r < (half_c ? 2 : 4); r++) {
    auto bits = w.reg<uint32_t>(list[10 + r]);
    for (int l = 0; l < 32; l++) {
      int g = l >> 2, t = l & 3;
      if (half_c) {
        c[g + 8 * r][2 * t] = half_to_float(bits[l].v & 0xffff);
        c[g + 8 * r][2 * t + 1] = half_to_float(bits[l].v >> 16);
      } else {
        c[g + 8 * (r >> 1)][2 * t + (r & 1)] = bits_of<float>(bits[l].v);
      }
    }
  }
  double sum[16][8];
  int model = w.block->launch->settings->mma;
  if (model == 0) {
    double wide[K][8];
    for (int k = 0; k < K; k++)
      for (int n = 0; n < 8; n++) wide[k][n] = double(b[k][n]);
    for (int m = 0; m < 16; m++) {
      double row[8];
      for (int n = 0; n < 8; n++) row[n] = double(c[m][n]);
      for (int k = 0; k < K; k++)
        for (int n = 0; n < 8; n++) row[n] += double(a[m][k]) * wide[k][n];
      for (int n = 0; n < 8; n++) sum[m][n] = row[n];
    }
  } else {
    // Groups of 8 products (tf32: 4) up to sm_89, one group from sm_90.
    int fraction = model >= 90 ? 25 : 24, group = model >= 90 ? K : e == of_tf32 ? 4 : 8;
    int least = e == of_f16 ? -14 : -126;
    for (int m = 0; m < 16; m++) {
      for (int n = 0; n < 8; n++) {
        float column[K], s = c[m][n];
        for (int k = 0; k < K; k++) column[k] = b[k][n];
        for (int k = 0; k < K; k += group) s = truncated_sum(a[m] + k, column + k, s, group, fraction, least);
        sum[m][n] = double(s);
      }
    }
  }
  for (int r = 0; r < (half_d ? 2 : 4); r++) {
    auto d = w.reg<uint32_t>(list[r]);
    for (int l = 0; l < 32; l++) {
      int g = l >> 2, t = l & 3;
      if (half_d) {
        d[l].v = float_to_half(round_to_odd(sum[g + 8 * r][2 * t])) | float_to_half(round_to_odd(sum[g + 8 * r][2 * t + 1])) << 16;
      } else {
        float f = float(sum[g + 8 * (r >> 1)][2 * t + (r & 1)]);
        d[l].v = f != f ? 0x7fffffff : bits_of<uint32_t>(f);
      }
    }
  }
  return i + 1;
}

void decode_mma(Decoder& d, const Statement& s, Opcode& op) {
  d.expect(op.take("sync") && op.take("aligned"), "mma without .sync.aligned");
  std::string_view shape = op.take_one("m16n8k16 m16n8k8 m16n8k4");
  d.expect(op.take("row") && op.take("col"), "mma that is not .row.col");
  Type td = op.take_type(), ta = op.take_type(), tb = op.take_type(), tc = op.take_type();
  Handler run = nullptr;
  int k = shape == "m16n8k16" ? 16 : shape == "m16n8k8" ? 8 : 4;
  if (ta == tb && !shape.empty()) {
    if (ta == Type::f16) run = k == 16 ? run_mma<of_f16, 16> : k == 8 ? run_mma<of_f16, 8> : nullptr;
    if (ta == Type::bf16) run = k == 16 ? run_mma<of_bf16, 16> : k == 8 ? run_mma<of_bf16, 8> : nullptr;
    if (ta == Type::tf32) run = k == 8 ? run_mma<of_tf32, 8> : k == 4 ? run_mma<of_tf32, 4> : nullptr;
  }
  auto sum_type = [&](Type t) { return t == Type::f32 || (t == Type::f16 && ta == Type::f16); };
  if (run == nullptr || !sum_type(td) || !sum_type(tc) || s.operands.size() != 4) d.fail("unknown opcode '" + std::string(s.opcode) + "'");
  size_t packed = ta == Type::tf32 ? 1 : 2, sizes[4] = {td == Type::f16 ? 2u : 4u, size_t(k) * 16 / 32 / packed, size_t(k) * 8 / 32 / packed, tc == Type::f16 ? 2u : 4u};
  size_t places[4] = {4, 4, 2, 4};
  d.emit(run).mode = uint8_t((tc == Type::f16 ? 1 : 0) | (td == Type::f16 ? 2 : 0));
  Operand zero;
  zero.kind = Operand::integer;
  for (size_t o = 0; o < 4; o++) {
    std::vector<Operand> items = s.operands[o].kind == Operand::vector ? s.operands[o].items : std::vector<Operand>{s.operands[o]};
    d.expect(items.size() == sizes[o], "a fragment with the wrong number of registers");
    for (size_t r = 0; r < places[o]; r++) {
      if (r >= sizes[o]) d.list_source(zero, Type::b32);
      else if (o == 0) d.list_destination(items[r], Type::b32);
      else d.list_source(items[r], Type::b32);
    }
  }
}

// mode: the number of matrices; imm the address offset. Lane 8 i + r gives row r of matrix i.
template <bool transposed>
const Instruction* run_load_matrix(Warp& w, const Instruction* i) {
  const Instruction* next;
  if (!whole_warp(w, i, &next)) return next;
  const uint32_t* list = w.block->launch->code->lists.data() + i->list;
  uint32_t at[32], used = i->mode == 4 ? ~0u : (1u << (8 * i->mode)) - 1;
  shared_offsets(w, i, 1, at);
  // Up to sm_75 all 32 addresses must be valid, later those of the rows alone.
  if (w.block->launch->code->target > 75)
    for (unsigned l = 0; l < 32; l++) at[l] = used >> l & 1 ? at[l] : at[0];
  check_shared(w, i, at, 16, "reads");
  SharedMemory& shared = w.block->shared;
  if (shared.checked()) shared.read(w, i, used, at, 16);
  for (int m = 0; m < i->mode; m++) {
    auto d = w.reg<uint32_t>(list[m]);
    for (unsigned l = 0; l < 32; l++) {
      unsigned g = l >> 2, t = l & 3;
      const uint8_t* rows[2] = {shared.bytes.data() + at[8 * m + (transposed ? 2 * t : g)],
                                shared.bytes.data() + at[8 * m + (transposed ? 2 * t + 1 : g)]};
      uint16_t low, high;
      memcpy(&low, rows[0] + 2 * (transposed ? g : 2 * t), 2);
      memcpy(&high, rows[1] + 2 * (transposed ? g : 2 * t + 1), 2);
      d[l].v = low | uint32_t(high) << 16;
    }
  }
  return i + 1;
}

const Instruction* run_move_matrix(Warp& w, const Instruction* i) {
  const Instruction* next;
  if (!whole_warp(w, i, &next)) return next;
  auto a = w.reg<uint32_t>(i->r[1]);
  uint16_t m[8][8];
  for (int l = 0; l < 32; l++) {
    m[l >> 2][2 * (l & 3)] = uint16_t(a[l].v);
    m[l >> 2][2 * (l & 3) + 1] = uint16_t(a[l].v >> 16);
  }
  write<uint32_t>(w, i->r[0], [&](int l) { return m[2 * (l & 3)][l >> 2] | uint32_t(m[2 * (l & 3) + 1][l >> 2]) << 16; });
  return i + 1;
}

}  // namespace

bool decode_tensor(Decoder& d, const Statement& s, Opcode& op) {
  if (op.name() == "mma") {
    decode_mma(d, s, op);
    return true;
  }
  if (op.name() == "ldmatrix") {
    d.expect(op.take("sync") && op.take("aligned") && op.take("m8n8"), "unknown ldmatrix");
    std::string_view count = op.take_one("x1 x2 x4");
    bool transposed = op.take("trans");
    d.expect(!op.take_one("shared shared::cta").empty() && op.take("b16") && !count.empty() && s.operands.size() == 2, "unknown ldmatrix");
    size_t n = size_t(count[1] - '0');
    d.emit(transposed ? run_load_matrix<true> : run_load_matrix<false>).mode = uint8_t(n);
    std::vector<Operand> items = s.operands[0].kind == Operand::vector ? s.operands[0].items : std::vector<Operand>{s.operands[0]};
    d.expect(items.size() == n, "a vector of the wrong length");
    for (const Operand& o : items) d.list_destination(o, Type::b32);
    d.address(1, s.operands[1]);
    return true;
  }
  if (op.name() == "movmatrix") {
    d.expect(op.take("sync") && op.take("aligned") && op.take("m8n8") && op.take("trans") && op.take("b16") && s.operands.size() == 2, "unknown movmatrix");
    d.emit(run_move_matrix);
    d.destination(0, s.operands[0], Type::b32);
    d.source(1, s.operands[1], Type::b32);
    return true;
  }
  return false;
}

}  // namespace softcuda
