// Walks an entry's statements (and, at each call, the callee's), emitting instructions whose operands
// are virtual registers; registers.cpp then gives them places.
#include "decoder.hpp"

#include <algorithm>
#include <cstring>

namespace softcuda {

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
