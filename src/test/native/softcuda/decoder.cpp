// Walks an entry's statements (and, at each call, the callee's), emitting instructions whose operands
// are virtual registers; registers.cpp then gives them places.
#include "decoder.hpp"

#include <algorithm>
#include <cstring>

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

void Decoder::fail(const std::string& what) const {
  throw PtxError{218, "kernel " + code_.name + ", PTX line " + std::to_string(line_) + ": " + what + ": " +
                          file_.source->line(line_)};
}

Code Decoder::decode(const ptx::Body& entry) {
  code_.name = entry.name;
  code_.target = file_.target;
  code_.source = file_.source;
  line_ = entry.line;
  scratch_predicate_ = uint16_t(code_.predicates++);
  code_.predicates++;  // the carry of add.cc and its kin
  function_scope_ = 0;
  scopes_.emplace_back();
  for (const ptx::Variable& v : entry.parameters) {
    size_t align = std::max<size_t>(1, v.align);
    code_.parameter_bytes = (code_.parameter_bytes + align - 1) / align * align;
    scopes_.back()[v.name] = {Symbol::parameter, 0, 0, code_.parameter_bytes};
    code_.parameter_bytes += v.bytes;
  }
  return_labels_.push_back(-1);
  body(entry);
  line_ = entry.line;
  emit(run_exit);
  ends_here();
  finish();
  return std::move(code_);
}

void Decoder::body(const ptx::Body& b) {
  scope_labels(b.statements, 0);
  for (size_t k = 0; k < b.statements.size(); k++) {
    const Statement& s = b.statements[k];
    line_ = s.line;
    switch (s.kind) {
      case Statement::open:
        scopes_.emplace_back();
        scope_labels(b.statements, k + 1);
        break;
      case Statement::close:
        scopes_.pop_back();
        break;
      case Statement::variable:
        declare(b.variables[s.declared]);
        break;
      case Statement::label: {
        uint32_t index;
        place(int(find(s.opcode, &index)->at));
        break;
      }
      case Statement::instruction:
        statement(s);
    }
  }
}

// Labels of the scope that begins at a statement: they may be used before they are placed.
void Decoder::scope_labels(const std::vector<Statement>& statements, size_t from) {
  int depth = 0;
  for (size_t k = from; k < statements.size() && depth >= 0; k++) {
    if (statements[k].kind == Statement::open) depth++;
    else if (statements[k].kind == Statement::close) depth--;
    else if (statements[k].kind == Statement::label && depth == 0)
      scopes_.back()[statements[k].opcode] = {Symbol::label, 0, 0, uint64_t(new_label())};
  }
}

int Decoder::new_label() {
  labels_.push_back(-1);
  return int(labels_.size()) - 1;
}

// The label's counter is the instruction after the join, which those who fall into it pass through.
void Decoder::place(int label) {
  emit(run_join);
  labels_[size_t(label)] = int64_t(code_.instructions.size());
}

void Decoder::declare(const ptx::Variable& v) {
  Symbol symbol;
  auto placed = [&](size_t& total) {
    total = (total + v.align - 1) / v.align * v.align;
    symbol.at = total;
    total += v.bytes;
  };
  switch (v.space) {
    case ptx::Space::reg: {
      symbol.bits = uint8_t(v.type == Type::pred ? 1 : size_of(v.type) <= 2 ? 16 : 8 * size_of(v.type));
      symbol.count = v.count;
      uint32_t n = std::max(1u, v.count);
      if (symbol.bits == 1) {
        symbol.at = code_.predicates;
        code_.predicates += n;
        if (code_.predicates > 65535) fail("more than 65535 predicates");
      } else {
        symbol.at = registers_.size();
        for (uint32_t k = 0; k < n; k++) new_register(symbol.bits);
      }
      break;
    }
    case ptx::Space::shared:
      symbol.kind = Symbol::shared;
      placed(code_.static_shared);
      break;
    case ptx::Space::local:
    case ptx::Space::param:
      symbol.kind = Symbol::local;
      placed(code_.local_bytes);
      break;
    default:
      fail("a variable of this state space inside of a function");
  }
  scopes_.back()[v.name] = symbol;
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

Instruction& Decoder::emit(Handler run) {
  code_.instructions.emplace_back();
  flows_.emplace_back();
  last().run = run;
  last().line = line_;
  list_open_ = false;
  return last();
}

void Decoder::refer(int field, uint32_t reg, bool definition) {
  references_.push_back({uint32_t(code_.instructions.size() - 1), uint32_t(field), reg, definition});
}

void Decoder::list_refer(uint32_t reg, bool definition) {
  if (!list_open_) last().list = uint32_t(code_.lists.size());
  list_open_ = true;
  references_.push_back(
      {uint32_t(code_.instructions.size() - 1), uint32_t(5 + code_.lists.size()), reg, definition});
  code_.lists.push_back(0);
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

// A guarded instruction is a branch around it, so that handlers know nothing of guards.
void Decoder::statement(const Statement& s) {
  if (s.guard.empty()) return instruction(s);
  Opcode op(s.opcode);
  if (op.name() == "bra") {
    emit(s.guard_negated ? run_branch_unless : run_branch_if).p[0] = predicate(s.guard);
    expect(s.operands.size() == 1, "expected one label");
    return branch_target(s.operands[0]);
  }
  int around = new_label();
  emit(s.guard_negated ? run_branch_if : run_branch_unless).p[0] = predicate(s.guard);
  flows_.back().label = around;
  instruction(s);
  place(around);
}

void Decoder::instruction(const Statement& s) {
  Opcode op(s.opcode);
  bool known = decode_data(*this, s, op) || decode_integer(*this, s, op) || decode_floating(*this, s, op) ||
               decode_packed(*this, s, op) || decode_convert(*this, s, op) || decode_access(*this, s, op) ||
               decode_control(*this, s, op) || decode_exchange(*this, s, op) || decode_atomic(*this, s, op) ||
               decode_tensor(*this, s, op) || decode_async(*this, s, op);
  if (!known) fail("unknown opcode '" + std::string(s.opcode) + "'");
  if (!op.finished()) fail("unknown opcode '" + std::string(s.opcode) + "' (." + std::string(op.next()) + ")");
}

// call (results), name, (arguments): the callee's statements, in scopes of their own, with its
// parameters standing for the caller's .param variables.
void Decoder::call(const Statement& s) {
  const Operand *results = nullptr, *arguments = nullptr, *name = nullptr;
  for (const Operand& o : s.operands) {
    if (o.kind == Operand::name && name == nullptr) name = &o;
    else if (o.kind == Operand::list && name == nullptr) results = &o;
    else if (o.kind == Operand::list && arguments == nullptr) arguments = &o;
    else fail("a call through a pointer");
  }
  auto found = name == nullptr ? file_.body_named.end() : file_.body_named.find(name->text);
  if (found == file_.body_named.end() || !file_.bodies[found->second].defined)
    fail("unknown function '" + std::string(name == nullptr ? "" : name->text) + "'");
  const ptx::Body& callee = file_.bodies[found->second];
  if (depth_ >= 32) fail("calls nested deeper than 32 (recursion?)");
  Scope bound;
  auto bind = [&](const std::vector<ptx::Variable>& formal, const Operand* actual) {
    if (formal.size() != (actual == nullptr ? 0 : actual->items.size())) fail("a call with the wrong number of parameters");
    for (size_t k = 0; k < formal.size(); k++) {
      uint32_t index;
      const Symbol* symbol = find(actual->items[k].text, &index);
      if (symbol == nullptr || symbol->kind != Symbol::local) fail("a call whose parameter is no .param variable");
      bound[formal[k].name] = *symbol;
    }
  };
  bind(callee.results, results);
  bind(callee.parameters, arguments);
  size_t outer = function_scope_, size = scopes_.size();
  uint32_t line = line_;
  function_scope_ = size;
  scopes_.push_back(std::move(bound));
  return_labels_.push_back(new_label());
  depth_++;
  body(callee);
  depth_--;
  line_ = line;
  place(return_labels_.back());
  return_labels_.pop_back();
  scopes_.resize(size);
  function_scope_ = outer;
}

void Decoder::return_from(const Statement&) {
  if (return_labels_.back() < 0) {
    emit(run_exit);
  } else {
    emit(run_branch);
    flows_.back().label = return_labels_.back();
  }
  ends_here();
}

}  // namespace softcuda
