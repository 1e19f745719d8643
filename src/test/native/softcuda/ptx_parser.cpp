// Text to statements: one pass, character by character. Meaning (types, registers, opcodes) is the
// decoder's business; here is only what spec softcuda.md 2 says that the text may look like.
#include <cstdlib>
#include <cstring>

#include "ptx.hpp"

namespace softcuda::ptx {

unsigned size_of(Type type) {
  switch (type) {
    case Type::none: case Type::pred: return 0;
    case Type::b8: case Type::u8: case Type::s8: return 1;
    case Type::b16: case Type::u16: case Type::s16: case Type::f16: case Type::bf16: return 2;
    case Type::b64: case Type::u64: case Type::s64: case Type::f64: return 8;
    default: return 4;
  }
}

Type type_named(std::string_view name) {
  static const std::unordered_map<std::string_view, Type> types = {
      {"pred", Type::pred}, {"b8", Type::b8}, {"u8", Type::u8}, {"s8", Type::s8}, {"b16", Type::b16},
      {"u16", Type::u16}, {"s16", Type::s16}, {"f16", Type::f16}, {"bf16", Type::bf16}, {"b32", Type::b32},
      {"u32", Type::u32}, {"s32", Type::s32}, {"f32", Type::f32}, {"f16x2", Type::f16x2},
      {"bf16x2", Type::bf16x2}, {"tf32", Type::tf32}, {"b64", Type::b64}, {"u64", Type::u64},
      {"s64", Type::s64}, {"f64", Type::f64}};
  auto found = types.find(name);
  return found == types.end() ? Type::none : found->second;
}

std::string Source::line(uint32_t number) const {
  size_t at = 0;
  for (uint32_t n = 1; n < number && at != std::string::npos; n++) {
    at = text.find('\n', at);
    if (at != std::string::npos) at++;
  }
  if (at == std::string::npos) return "";
  std::string found = text.substr(at, text.find('\n', at) - at);
  found = found.substr(0, found.find("//"));
  std::string tidy;
  for (char c : found) {
    bool blank = c == ' ' || c == '\t' || c == '\r';
    if (!blank) tidy += c;
    else if (!tidy.empty() && tidy.back() != ' ') tidy += ' ';
  }
  while (!tidy.empty() && tidy.back() == ' ') tidy.pop_back();
  return tidy;
}

namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '$' ||
         c == '%';
}
bool is_digit(char c) { return c >= '0' && c <= '9'; }

class Parser {
 public:
  Parser(File& file) : file_(file), at_(file.source->text.data()), end_(at_ + file.source->text.size()) {}

  void module() {
    for (skip(); at_ < end_; skip()) {
      std::string_view word = dotted();
      if (word == ".version") {
        int major = int(integer());
        expect('.');
        file_.version = major * 10 + int(integer());
      } else if (word == ".target") {
        std::string_view target = dotted();
        if (target.substr(0, 3) == "sm_") file_.target = atoi(target.data() + 3);
        while (take(',')) dotted();
      } else if (word == ".address_size") {
        if (integer() != 64) fail("addresses of 64 bits only");
      } else if (word == ".entry" || word == ".func") {
        function(word == ".entry");
        external_ = false;
      } else if (word == ".extern") {
        external_ = true;
      } else if (word == ".visible" || word == ".weak" || word == ".common") {
        external_ = false;
      } else if (word == ".global" || word == ".const" || word == ".shared") {
        declare(space_named(word), file_.variables);
        external_ = false;
      } else if (word == ".file" || word == ".pragma") {
        while (at_ < end_ && *at_ != '\n') at_++;
      } else if (word == ".section") {
        dotted();
        expect('{');
        while (at_ < end_ && *at_ != '}') next();
        expect('}');
      } else {
        fail("unexpected '" + (word.empty() ? std::string(1, *at_) : std::string(word)) + "'");
      }
    }
  }

 private:
  File& file_;
  const char* at_;
  const char* end_;
  uint32_t line_ = 1;
  bool external_ = false;

  [[noreturn]] void fail(const std::string& what) {
    throw PtxError{218, "PTX line " + std::to_string(line_) + ": " + what + ": " + file_.source->line(line_)};
  }
  void next() {
    if (*at_++ == '\n') line_++;
  }
  void skip() {
    while (at_ < end_) {
      if (*at_ == ' ' || *at_ == '\t' || *at_ == '\n' || *at_ == '\r') {
        next();
      } else if (at_[0] == '/' && at_ + 1 < end_ && at_[1] == '/') {
        while (at_ < end_ && *at_ != '\n') at_++;
      } else if (at_[0] == '/' && at_ + 1 < end_ && at_[1] == '*') {
        while (at_ < end_ && !(at_[0] == '*' && at_[1] == '/')) next();
        at_ += 2;
      } else {
        return;
      }
    }
  }
  bool peek(char c) {
    skip();
    return at_ < end_ && *at_ == c;
  }
  bool take(char c) {
    if (!peek(c)) return false;
    at_++;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string("expected '") + c + "'");
  }
  // A word that may hold dots and '::' (an opcode, a directive, %tid.x); empty if there is none.
  std::string_view dotted() {
    skip();
    const char* start = at_;
    while (at_ < end_) {
      if (is_word(*at_) || *at_ == '.') at_++;
      else if (at_[0] == ':' && at_ + 1 < end_ && at_[1] == ':') at_ += 2;
      else break;
    }
    return {start, size_t(at_ - start)};
  }
  std::string_view word() {
    skip();
    const char* start = at_;
    while (at_ < end_ && is_word(*at_)) at_++;
    if (at_ == start) fail("expected a name");
    return {start, size_t(at_ - start)};
  }
  Operand number() {
    skip();
    Operand operand;
    operand.kind = Operand::integer;
    bool minus = false;
    if (*at_ == '-' || *at_ == '+') minus = *at_++ == '-';
    skip();
    if (!is_digit(*at_)) fail("expected a number");
    char* stop;
    if (at_[0] == '0' && (at_[1] == 'f' || at_[1] == 'F')) {
      operand.kind = Operand::f32;
      operand.value = int64_t(strtoull(std::string(at_ + 2, 8).c_str(), nullptr, 16));
      stop = const_cast<char*>(at_ + 10);
      if (minus) operand.value ^= int64_t(1) << 31;
    } else if (at_[0] == '0' && (at_[1] == 'd' || at_[1] == 'D')) {
      operand.kind = Operand::f64;
      operand.value = int64_t(strtoull(std::string(at_ + 2, 16).c_str(), nullptr, 16));
      stop = const_cast<char*>(at_ + 18);
      if (minus) operand.value ^= INT64_MIN;
    } else {
      if (at_[0] == '0' && (at_[1] == 'b' || at_[1] == 'B')) operand.value = int64_t(strtoull(at_ + 2, &stop, 2));
      else operand.value = int64_t(strtoull(at_, &stop, 0));
      if (minus) operand.value = int64_t(-uint64_t(operand.value));
      if (*stop == 'U') stop++;
    }
    at_ = stop;
    if (at_ < end_ && (is_word(*at_) || *at_ == '.')) fail("not a number");
    return operand;
  }
  int64_t integer() {
    skip();
    // A version's minor number follows a dot, so a decimal number must stop there.
    if (is_digit(*at_) && !(at_[0] == '0' && (at_[1] == 'x' || at_[1] == 'X'))) {
      char* stop;
      int64_t value = int64_t(strtoull(at_, &stop, 10));
      at_ = stop;
      return value;
    }
    return number().value;
  }

  static Space space_named(std::string_view word) {
    if (word == ".reg") return Space::reg;
    if (word == ".param") return Space::param;
    if (word == ".shared") return Space::shared;
    if (word == ".local") return Space::local;
    if (word == ".global") return Space::global;
    if (word == ".const") return Space::constant;
    return Space::none;
  }

  // What follows the space: attributes, type, names with extents and initial values, without the ';'.
  void variables(Space space, std::vector<Variable>& into, bool many) {
    Variable shape;
    shape.space = space;
    shape.external = external_;
    unsigned vector = 1;
    while (peek('.')) {
      std::string_view w = dotted();
      if (w == ".align") shape.align = uint32_t(integer());
      else if (w == ".v2" || w == ".v4") vector = unsigned(w[2] - '0');
      else if (w == ".ptr" || w == ".global" || w == ".shared" || w == ".const" || w == ".local") {}
      else if ((shape.type = type_named(w.substr(1))) == Type::none) fail("unknown type " + std::string(w));
      // `.ptr .global .align 4` describes what a parameter points to, not the parameter.
      if (w == ".ptr") {
        while (peek('.')) {
          w = dotted();
          if (w == ".align") integer();
        }
      }
    }
    if (shape.type == Type::none) fail("a variable without a type");
    do {
      Variable v = shape;
      v.name = word();
      if (take('<')) {
        v.count = uint32_t(integer());
        expect('>');
      }
      uint64_t elements = 1;
      bool open = false;
      while (take('[')) {
        if (peek(']')) open = true;
        else elements *= uint64_t(integer());
        expect(']');
      }
      uint64_t unit = uint64_t(size_of(v.type)) * vector;
      v.bytes = open ? 0 : elements * unit;
      if (v.align == 0) v.align = uint32_t(unit == 0 ? 1 : unit);
      if (take('=')) {
        initial(v);
        if (open) v.bytes = v.initial.size();
        if (v.initial.size() > v.bytes) fail("more initial values than bytes");
      } else if (open && !shape.external && space != Space::param) {
        fail("an array without extent");
      }
      into.push_back(std::move(v));
    } while (many && take(','));
  }
  void declare(Space space, std::vector<Variable>& into) {
    variables(space, into, true);
    expect(';');
  }
  void initial(Variable& v) {
    if (take('{')) {
      do initial(v);
      while (take(','));
      expect('}');
      return;
    }
    Operand value;
    skip();
    if (is_word(*at_) && !is_digit(*at_)) fail("an initial value must be a number");
    value = number();
    unsigned n = size_of(v.type);
    if (value.kind == Operand::f64 && n == 4) fail("an f64 initial value of a narrower variable");
    for (unsigned b = 0; b < n; b++) v.initial.push_back(uint8_t(uint64_t(value.value) >> (8 * b)));
  }

  void parameter_list(std::vector<Variable>& into) {
    if (take(')')) return;
    do {
      std::string_view w = dotted();
      if (w != ".param" && w != ".reg") fail("expected .param");
      variables(space_named(w), into, false);
    } while (take(','));
    expect(')');
  }

  void function(bool entry) {
    Body body;
    body.entry = entry;
    if (take('(')) parameter_list(body.results);
    body.name = word();
    body.line = line_;
    if (take('(')) parameter_list(body.parameters);
    while (peek('.')) {
      std::string_view w = dotted();
      if (w == ".noreturn") continue;
      if (w == ".pragma") {
        while (at_ < end_ && *at_ != ';') next();
        take(';');
        continue;
      }
      int64_t product = integer();
      while (take(',')) product *= integer();
      if (w == ".maxntid" || w == ".reqntid") body.max_threads = int(product);
      else if (w != ".minnctapersm" && w != ".maxnreg" && w != ".maxnctapersm") fail("unknown directive " + std::string(w));
    }
    if (!take(';')) {
      body.defined = true;
      expect('{');
      statements(body);
    }
    auto known = file_.body_named.find(body.name);
    if (known != file_.body_named.end()) {
      if (body.defined) file_.bodies[known->second] = std::move(body);
      return;
    }
    file_.body_named[body.name] = file_.bodies.size();
    file_.bodies.push_back(std::move(body));
  }

  void statements(Body& body) {
    for (int depth = 1; depth > 0;) {
      skip();
      if (at_ >= end_) fail("the text ends inside of a function");
      Statement s;
      s.line = line_;
      if (take('{')) {
        depth++;
        s.kind = Statement::open;
      } else if (take('}')) {
        if (--depth == 0) return;
        s.kind = Statement::close;
      } else if (take(';')) {
        continue;
      } else if (peek('.')) {
        if (directive(body)) continue;
        size_t first = body.variables.size();
        std::string_view w = dotted();
        Space space = space_named(w);
        if (space == Space::none) fail("unknown directive " + std::string(w));
        declare(space, body.variables);
        s.kind = Statement::variable;
        for (size_t v = first; v < body.variables.size(); v++) {
          s.declared = uint32_t(v);
          body.statements.push_back(s);
        }
        continue;
      } else {
        instruction(s);
      }
      body.statements.push_back(std::move(s));
    }
  }
  // Directives that change nothing here.
  bool directive(Body&) {
    const char* back = at_;
    std::string_view w = dotted();
    if (w == ".loc") {
      while (at_ < end_ && *at_ != '\n') at_++;
      return true;
    }
    if (w == ".pragma") {
      while (at_ < end_ && *at_ != ';') next();
      return true;
    }
    at_ = back;
    return false;
  }

  void instruction(Statement& s) {
    if (take('@')) {
      s.guard_negated = take('!');
      s.guard = word();
    }
    s.opcode = dotted();
    if (s.opcode.empty()) fail(std::string("unexpected '") + *at_ + "'");
    if (s.guard.empty() && take(':')) {
      s.kind = Statement::label;
      return;
    }
    if (!take(';')) {
      do s.operands.push_back(operand());
      while (take(','));
      expect(';');
    }
  }

  Operand operand() {
    skip();
    Operand o;
    if (*at_ == '{' || *at_ == '(') {
      char closing = *at_ == '{' ? '}' : ')';
      o.kind = *at_ == '{' ? Operand::vector : Operand::list;
      at_++;
      if (!take(closing)) {
        do o.items.push_back(operand());
        while (take(','));
        expect(closing);
      }
    } else if (*at_ == '[') {
      at_++;
      o.kind = Operand::address;
      skip();
      if (is_digit(*at_) || *at_ == '-') o.value = number().value;
      else o.text = dotted();
      skip();
      if (*at_ == '+') {
        at_++;
        o.value += number().value;
      } else if (*at_ == '-') {
        o.value += number().value;
      }
      expect(']');
    } else if (is_digit(*at_) || *at_ == '-' || *at_ == '+') {
      o = number();
    } else {
      o.negated = take('!');
      o.text = dotted();
      if (o.text.empty()) fail(std::string("unexpected '") + *at_ + "'");
      if (o.text == "_") o.kind = Operand::sink;
      if (take('|')) o.pair = dotted();
      else if (peek('+')) {  // symbol + offset as a value
        at_++;
        o.value = number().value;
      }
    }
    return o;
  }
};

}  // namespace

File parse(const char* text) {
  File file;
  file.source = std::make_shared<Source>();
  file.source->text = text;
  Parser(file).module();
  if (file.version == 0) throw PtxError{218, "PTX without .version"};
  return file;
}

}  // namespace softcuda::ptx
