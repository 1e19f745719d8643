// Names and operands: what a register, an immediate, a symbol or an address in the text stands for.
#include <algorithm>

#include "decoder.hpp"

namespace softcuda {

Opcode::Opcode(std::string_view whole) {
  while (count_ < parts_.size()) {
    size_t dot = whole.find('.');
    parts_[count_++] = whole.substr(0, dot);
    if (dot == std::string_view::npos) break;
    whole.remove_prefix(dot + 1);
  }
}

bool Opcode::take(std::string_view modifier) {
  for (size_t k = 1; k < count_; k++) {
    if (!(taken_ >> k & 1) && parts_[k] == modifier) {
      taken_ |= 1u << k;
      return true;
    }
  }
  return false;
}

std::string_view Opcode::take_one(std::string_view choices) {
  while (!choices.empty()) {
    size_t blank = choices.find(' ');
    std::string_view choice = choices.substr(0, blank);
    if (take(choice)) return choice;
    if (blank == std::string_view::npos) break;
    choices.remove_prefix(blank + 1);
  }
  return {};
}

Type Opcode::take_type() {
  for (size_t k = 1; k < count_; k++) {
    if (taken_ >> k & 1) continue;
    Type type = ptx::type_named(parts_[k]);
    if (type == Type::none) continue;
    taken_ |= 1u << k;
    return type;
  }
  return Type::none;
}

std::string_view Opcode::next() const {
  for (size_t k = 1; k < count_; k++)
    if (!(taken_ >> k & 1)) return parts_[k];
  return {};
}

// The symbol of that name, innermost scope first; *index is its place in a register range.
const Decoder::Symbol* Decoder::find(std::string_view name, uint32_t* index) {
  *index = 0;
  size_t digits = name.size();
  while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9') digits--;
  uint32_t number = 0;
  bool ranged = digits > 0 && digits < name.size() && name.size() - digits < 9;
  if (ranged)
    for (char c : name.substr(digits)) number = number * 10 + uint32_t(c - '0');
  for (size_t s = scopes_.size(); s-- > function_scope_;) {
    auto exact = scopes_[s].find(name);
    if (exact != scopes_[s].end() && exact->second.count == 0) return &exact->second;
    if (!ranged) continue;
    auto range = scopes_[s].find(name.substr(0, digits));
    if (range != scopes_[s].end() && number < range->second.count) {
      *index = number;
      return &range->second;
    }
  }
  return nullptr;
}

Decoder::Home Decoder::home(std::string_view name, uint64_t* address) {
  uint32_t index;
  if (const Symbol* symbol = find(name, &index)) {
    *address = symbol->at;
    switch (symbol->kind) {
      case Symbol::parameter: return Home::kernel_parameter;
      case Symbol::local: return Home::local;
      case Symbol::shared: return Home::shared;
      default: return Home::none;
    }
  }
  auto global = globals_.find(name);
  if (global != globals_.end()) {
    *address = global->second;
    return Home::device;
  }
  auto placed = module_shared_.find(name);
  if (placed == module_shared_.end()) {
    for (const ptx::Variable& v : file_.variables) {
      if (v.name != name || v.space != ptx::Space::shared) continue;
      if (v.external) {  // starts where static shared memory ends: known at the end
        extern_align_ = std::max(extern_align_, v.align);
        placed = module_shared_.emplace(name, UINT64_MAX).first;
      } else {
        size_t at = (code_.static_shared + v.align - 1) / v.align * v.align;
        code_.static_shared = at + v.bytes;
        placed = module_shared_.emplace(name, at).first;
      }
      break;
    }
  }
  if (placed == module_shared_.end()) return Home::none;
  *address = placed->second;
  return Home::shared;
}

uint32_t Decoder::new_register(unsigned bits) {
  Register r;
  r.bits = uint8_t(bits);
  registers_.push_back(r);
  return uint32_t(registers_.size() - 1);
}

uint32_t Decoder::constant(uint64_t value, bool wide) {
  auto& known = wide ? wide_constants_ : narrow_constants_;
  if (!wide) value = uint32_t(value);
  auto found = known.find(value);
  if (found != known.end()) return found->second;
  uint32_t reg = new_register(wide ? 64 : 32);
  registers_[reg].constant = true;
  registers_[reg].value = value;
  known[value] = reg;
  return reg;
}

uint32_t Decoder::special(Special s) {
  auto found = special_registers_.find(int(s));
  if (found != special_registers_.end()) return found->second;
  uint32_t reg = new_register(32);
  registers_[reg].special = true;
  registers_[reg].value = uint64_t(s);
  special_registers_[int(s)] = reg;
  return reg;
}

bool Decoder::special_named(std::string_view name, Special* special) const {
  static const std::unordered_map<std::string_view, Special> names = {
      {"%tid.x", Special::tid_x}, {"%tid.y", Special::tid_y}, {"%tid.z", Special::tid_z},
      {"%ntid.x", Special::ntid_x}, {"%ntid.y", Special::ntid_y}, {"%ntid.z", Special::ntid_z},
      {"%ctaid.x", Special::ctaid_x}, {"%ctaid.y", Special::ctaid_y}, {"%ctaid.z", Special::ctaid_z},
      {"%nctaid.x", Special::nctaid_x}, {"%nctaid.y", Special::nctaid_y}, {"%nctaid.z", Special::nctaid_z},
      {"%laneid", Special::laneid}, {"%warpid", Special::warpid}, {"%nwarpid", Special::nwarpid},
      {"%smid", Special::smid}, {"%nsmid", Special::nsmid}, {"%lanemask_eq", Special::lanemask_eq},
      {"%lanemask_le", Special::lanemask_le}, {"%lanemask_lt", Special::lanemask_lt},
      {"%lanemask_ge", Special::lanemask_ge}, {"%lanemask_gt", Special::lanemask_gt},
      {"%dynamic_smem_size", Special::dynamic_smem_size}, {"%total_smem_size", Special::total_smem_size},
      {"%gridid", Special::gridid}, {"%clock", Special::clock}, {"%clock64", Special::clock},
      {"%globaltimer", Special::clock}, {"%globaltimer_lo", Special::clock}};
  auto found = names.find(name);
  if (found == names.end()) return false;
  *special = found->second;
  return true;
}

uint32_t Decoder::source_register(const Operand& operand, Type type) {
  bool wide = size_of(type) == 8;
  switch (operand.kind) {
    case Operand::integer: {
      uint64_t value = uint64_t(operand.value);
      if (size_of(type) <= 2) value &= size_of(type) == 1 ? 0xff : 0xffff;
      return constant(value, wide);
    }
    case Operand::f32:
      expect(!wide, "an f32 literal for a wider operand");
      return constant(uint64_t(operand.value), false);
    case Operand::f64:
      expect(wide, "an f64 literal for a narrower operand");
      return constant(uint64_t(operand.value), true);
    case Operand::name:
      break;
    default:
      fail("an operand of the wrong kind");
  }
  Special s;
  if (special_named(operand.text, &s)) return special(s);
  if (operand.text == "WARP_SZ") return constant(32, wide);
  uint32_t index;
  const Symbol* symbol = find(operand.text, &index);
  if (symbol != nullptr && symbol->kind == Symbol::reg) {
    if (symbol->bits == 1) fail("a predicate as a value");
    uint32_t reg = uint32_t(symbol->at) + index;
    if (symbol->bits == 64 && !wide) return narrowed(reg);
    if (symbol->bits != 64 && wide) fail("'" + std::string(operand.text) + "' is narrower than the operation");
    return reg;
  }
  uint64_t at = 0;
  switch (home(operand.text, &at)) {
    case Home::none:
      fail("unknown name '" + std::string(operand.text) + "'");
    case Home::kernel_parameter:
      at |= param_window;
      break;
    case Home::shared:
      if (at == UINT64_MAX) {
        expect(operand.value == 0, "an offset to an extern shared array");
        if (extern_register_ == UINT32_MAX) extern_register_ = new_register(64);
        registers_[extern_register_].constant = true;
        return wide ? extern_register_ : narrowed(extern_register_);  // its value is set at the end
      }
      break;
    default:
      break;
  }
  return constant(at + uint64_t(operand.value), wide);
}

// The low half of a 64-bit register, where an operation wants 32 bits.
uint32_t Decoder::narrowed(uint32_t reg) {
  uint32_t low = new_register(32);
  // The conversion comes before the instruction that is being built.
  uint32_t position = uint32_t(code_.instructions.size() - 1);
  bool open = list_open_;
  emit(run_narrow);
  std::swap(code_.instructions[position], code_.instructions[position + 1]);
  std::swap(flows_[position], flows_[position + 1]);
  for (size_t k = references_.size(); k-- > 0 && references_[k].instruction + 64 > position;)
    if (references_[k].instruction == position) references_[k].instruction++;
  references_.push_back({position, 0, low, true});
  references_.push_back({position, 1, reg, false});
  list_open_ = open;
  return low;
}

uint32_t Decoder::destination_register(const Operand& operand, Type type) {
  if (operand.kind == Operand::sink) return new_register(size_of(type) == 8 ? 64 : 32);
  expect(operand.kind == Operand::name, "a destination must be a register");
  uint32_t index;
  const Symbol* symbol = find(operand.text, &index);
  if (symbol == nullptr || symbol->kind != Symbol::reg || symbol->bits == 1)
    fail("'" + std::string(operand.text) + "' is no register");
  return uint32_t(symbol->at) + index;
}

void Decoder::source(int field, const Operand& operand, Type type) {
  expect(!operand.negated, "a negated value");
  uint32_t reg = source_register(operand, type);
  refer(field, reg, false);
}

void Decoder::destination(int field, const Operand& operand, Type type) {
  uint32_t reg = destination_register(operand, type);
  if (size_of(type) == 8 && registers_[reg].bits != 64) fail("the destination is narrower than the operation");
  refer(field, reg, true);
}

void Decoder::list_source(const Operand& operand, Type type) {
  uint32_t reg = source_register(operand, type);
  list_refer(reg, false);
}

void Decoder::list_destination(const Operand& operand, Type type) {
  list_refer(destination_register(operand, type), true);
}

unsigned Decoder::register_bits(const Operand& operand) {
  uint32_t index;
  if (operand.kind != Operand::name) return 0;
  const Symbol* symbol = find(operand.text, &index);
  return symbol != nullptr && symbol->kind == Symbol::reg ? symbol->bits : 0;
}

bool Decoder::is_predicate(const Operand& operand) { return register_bits(operand) == 1; }

uint16_t Decoder::predicate(std::string_view name) {
  uint32_t index;
  const Symbol* symbol = find(name, &index);
  if (symbol == nullptr || symbol->kind != Symbol::reg || symbol->bits != 1)
    fail("'" + std::string(name) + "' is no predicate");
  return uint16_t(symbol->at + index);
}

void Decoder::predicate_source(int field, const Operand& operand) {
  expect(operand.kind == Operand::name, "expected a predicate");
  last().p[field] = predicate(operand.text);
}

void Decoder::predicate_destination(int field, const Operand& operand) {
  predicate_destination(field, operand.kind == Operand::sink ? std::string_view() : operand.text);
}

void Decoder::predicate_destination(int field, std::string_view name) {
  last().p[field] = name.empty() || name == "_" ? scratch_predicate_ : predicate(name);
}

void Decoder::address(int field, const Operand& operand) {
  expect(operand.kind == Operand::address, "expected an address in brackets");
  int64_t offset = operand.value;
  Operand base = operand;
  base.kind = operand.text.empty() ? Operand::integer : Operand::name;
  base.value = 0;
  uint32_t reg;
  if (register_bits(base) == 32) {  // a 32-bit shared address: widened by the handler
    reg = source_register(base, Type::u32);
    last().mode2 = 1;
  } else {
    reg = source_register(base, Type::u64);
  }
  last().imm = offset;
  refer(field, reg, false);
}

void Decoder::branch_target(const Operand& label) {
  uint32_t index;
  const Symbol* symbol = label.kind == Operand::name ? find(label.text, &index) : nullptr;
  if (symbol == nullptr || symbol->kind != Symbol::label) fail("unknown label");
  flows_.back().label = int(symbol->at);
}

}  // namespace softcuda
