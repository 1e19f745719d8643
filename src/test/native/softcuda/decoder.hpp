// From statements to instructions: scopes, registers, inlined calls, labels; opcodes themselves are
// decoded beside their handlers, in the files named at the end.
#pragma once

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "instruction.hpp"
#include "ptx.hpp"

namespace softcuda {

using ptx::Operand;
using ptx::Statement;
using ptx::Type;

// An opcode's parts. Each must be taken by the decoder, so that nothing is silently ignored.
class Opcode {
 public:
  explicit Opcode(std::string_view whole);
  std::string_view name() const { return parts_[0]; }
  bool take(std::string_view modifier);
  // The first of these (separated by blanks) that is present; "" if none is.
  std::string_view take_one(std::string_view choices);
  // The first part that names a type.
  Type take_type();
  std::string_view next() const;  // first part not taken, or ""
  bool finished() const { return next().empty(); }

 private:
  std::array<std::string_view, 16> parts_;
  size_t count_ = 0;
  uint32_t taken_ = 1;
};

class Decoder {
 public:
  Decoder(const ptx::File& file, const std::map<std::string_view, uint64_t>& globals) : file_(file), globals_(globals) {}
  Code decode(const ptx::Body& entry);

  // --- for the opcode decoders ---
  // Appends an instruction; the operand calls below then speak of it.
  Instruction& emit(Handler run);
  Instruction& last() { return code_.instructions.back(); }
  // Sets r[field]. A source may be a register, an immediate, a symbol's address or a special register;
  // values narrower than the register are its low bits.
  void source(int field, const Operand& operand, Type type);
  void destination(int field, const Operand& operand, Type type);
  // Appends to Code::lists instead; the first appended is the instruction's `list`.
  void list_source(const Operand& operand, Type type);
  void list_destination(const Operand& operand, Type type);
  void predicate_source(int field, const Operand& operand);       // p[field], the negation aside
  void predicate_destination(int field, const Operand& operand);
  void predicate_destination(int field, std::string_view name);   // "" or "_": a place nobody reads
  // r[field] = the address operand's base, imm = its offset.
  void address(int field, const Operand& operand);
  bool is_predicate(const Operand& operand);
  // Bits of the register that the operand names; 0 if it names none.
  unsigned register_bits(const Operand& operand);
  bool special_named(std::string_view name, Special* special) const;
  // A branch to a label.
  void branch_target(const Operand& label);
  void shared_access(unsigned bytes) { if (bytes < code_.granule) code_.granule = bytes; }
  void memory_operation() { last().r[4] = code_.memory_operations++; }
  // The storage of a symbol, for ld.param: where a kernel's parameters and a callee's differ.
  enum class Home { none, kernel_parameter, local, shared, device };
  Home home(std::string_view name, uint64_t* address);
  Code& code() { return code_; }
  void call(const Statement& s);
  void return_from(const Statement& s);
  void ends_here() { flows_.back().falls = false; }
  [[noreturn]] void fail(const std::string& what) const;
  void expect(bool ok, const char* what) const { if (!ok) fail(what); }

 private:
  struct Register {
    uint8_t bits = 0;       // 1, 16, 32, 64
    bool constant = false, special = false;
    uint64_t value = 0;     // of a constant; Special of a special
    uint32_t offset = 0;    // in the register file, at the end
  };
  struct Symbol {
    enum Kind : uint8_t { reg, shared, local, parameter, device, label, extern_shared } kind = reg;
    uint8_t bits = 0;
    uint32_t count = 0;     // of a range
    uint64_t at = 0;        // first register, address, or label number
  };
  using Scope = std::unordered_map<std::string_view, Symbol>;
  struct Reference {
    uint32_t instruction, position, reg;  // position: 0-4 for r[], else 5 + index in lists
    bool definition;
  };
  struct Flow {
    int label = -1;
    bool falls = true;
  };
  struct LiveRange {
    uint32_t reg, first, last;
  };

  const ptx::File& file_;
  const std::map<std::string_view, uint64_t>& globals_;
  Code code_;
  std::vector<Register> registers_;
  std::vector<Scope> scopes_;
  size_t function_scope_ = 0;  // first scope of the function being inlined
  std::vector<Reference> references_;
  std::vector<Flow> flows_;
  std::vector<int64_t> labels_;  // instruction of each label, -1 until placed
  std::vector<int> return_labels_;
  std::unordered_map<uint64_t, uint32_t> narrow_constants_, wide_constants_;
  std::unordered_map<int, uint32_t> special_registers_;
  std::unordered_map<std::string_view, uint64_t> module_shared_;
  uint32_t extern_register_ = UINT32_MAX, line_ = 0;
  uint32_t extern_align_ = 1;
  std::string_view text_;
  uint16_t scratch_predicate_ = 0;
  int depth_ = 0;
  bool list_open_ = false;

  void body(const ptx::Body& b);
  void scope_labels(const std::vector<Statement>& statements, size_t from);
  void statement(const Statement& s);
  void instruction(const Statement& s);
  void declare(const ptx::Variable& v);
  const Symbol* find(std::string_view name, uint32_t* index) ;
  uint32_t new_register(unsigned bits);
  uint32_t constant(uint64_t value, bool wide);
  uint32_t special(Special s);
  uint32_t source_register(const Operand& operand, Type type);
  uint32_t destination_register(const Operand& operand, Type type);
  uint32_t narrowed(uint32_t reg);
  uint16_t predicate(std::string_view name);
  void refer(int field, uint32_t reg, bool definition);
  void list_refer(uint32_t reg, bool definition);
  int new_label();
  void place(int label);
  void finish();
  std::vector<LiveRange> live_ranges();
  void assign_registers();
};

// Each decodes the opcodes of one family; false if the name is none of its own.
bool decode_control(Decoder& d, const Statement& s, Opcode& op);
bool decode_data(Decoder& d, const Statement& s, Opcode& op);
bool decode_integer(Decoder& d, const Statement& s, Opcode& op);
bool decode_bits(Decoder& d, const Statement& s, Opcode& op);
bool decode_floating(Decoder& d, const Statement& s, Opcode& op);
bool decode_packed(Decoder& d, const Statement& s, Opcode& op);
bool decode_convert(Decoder& d, const Statement& s, Opcode& op);
bool decode_access(Decoder& d, const Statement& s, Opcode& op);
bool decode_atomic(Decoder& d, const Statement& s, Opcode& op);
bool decode_exchange(Decoder& d, const Statement& s, Opcode& op);
bool decode_tensor(Decoder& d, const Statement& s, Opcode& op);
bool decode_async(Decoder& d, const Statement& s, Opcode& op);

// Handlers that the decoder itself emits.
const Instruction* run_join(Warp& w, const Instruction* i);
const Instruction* run_branch(Warp& w, const Instruction* i);
const Instruction* run_branch_if(Warp& w, const Instruction* i);
const Instruction* run_branch_unless(Warp& w, const Instruction* i);
const Instruction* run_exit(Warp& w, const Instruction* i);
const Instruction* run_exit_if(Warp& w, const Instruction* i);
const Instruction* run_exit_unless(Warp& w, const Instruction* i);
const Instruction* run_narrow(Warp& w, const Instruction* i);

}  // namespace softcuda
