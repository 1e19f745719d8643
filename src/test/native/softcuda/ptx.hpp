// PTX text as data: what the parser hands to the decoder. Names are views into the text, which lives
// as long as the Source.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine.hpp"

namespace softcuda::ptx {

enum class Type : uint8_t {
  none, pred, b8, u8, s8, b16, u16, s16, f16, bf16, b32, u32, s32, f32, f16x2, bf16x2, tf32, b64, u64, s64, f64
};

// Bytes of a value in memory; 0 for a predicate.
unsigned size_of(Type type);
// The type of that name without its dot, or none.
Type type_named(std::string_view name);

enum class Space : uint8_t { none, reg, param, shared, local, global, constant };

// The text of a module, and its lines for messages.
struct Source {
  std::string text;
  // The line without its margins and comment; lines count from 1.
  std::string line(uint32_t number) const;
};

struct Operand {
  enum Kind : uint8_t { name, integer, f32, f64, address, vector, list, sink };
  Kind kind = name;
  bool negated = false;        // !%p
  std::string_view text;       // the name, or an address's base ("" for an immediate address)
  std::string_view pair;       // %q in `%p|%q`
  int64_t value = 0;           // the immediate's bits, or an address's offset
  std::vector<Operand> items;  // of a vector {a, b} or a list (a, b)
};

struct Variable {
  Space space = Space::none;
  Type type = Type::none;
  std::string_view name;
  uint32_t count = 0;  // registers of a range %r<count>, 0 for a single one
  uint32_t align = 0;
  uint64_t bytes = 0;  // extent of the array
  bool external = false;
  std::vector<uint8_t> initial;
};

struct Statement {
  enum Kind : uint8_t { instruction, label, open, close, variable };
  Kind kind = instruction;
  bool guard_negated = false;
  uint32_t line = 0;
  std::string_view guard;   // predicate register of @%p, or ""
  std::string_view opcode;  // whole, with its modifiers; or the label's name
  std::vector<Operand> operands;
  uint32_t declared = 0;  // index of a variable in the function's list
};

struct Body {
  std::string_view name;
  bool entry = false;
  bool defined = false;
  int max_threads = 1024;
  uint32_t line = 0;
  std::vector<Variable> results, parameters, variables;
  std::vector<Statement> statements;
};

struct File {
  std::shared_ptr<Source> source;
  int version = 0, target = 0;
  std::vector<Variable> variables;
  std::vector<Body> bodies;
  std::unordered_map<std::string_view, size_t> body_named;
};

// Throws PtxError.
File parse(const char* text);

}  // namespace softcuda::ptx
