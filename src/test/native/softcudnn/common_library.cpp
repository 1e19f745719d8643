// Settings, counted and failing calls, and the controls of softcudnn.h.
#include "common_library.hpp"

#include <cstdio>
#include <functional>
#include <sstream>

#include "softcudnn.h"

namespace softcudnn {
namespace {

int64_t number(const std::string& key, const std::string& value) {
  try {
    size_t used;
    int64_t n = std::stoll(value, &used);
    if (used == value.size()) return n;
  } catch (const std::exception&) {
  }
  refuse(1, key + "=" + value + " is no number");
}

Settings parse(std::string text) {
  Settings s;
  using Setter = std::function<void(const std::string&, const std::string&)>;
  auto integer = [](auto& field) {
    return [&field](const std::string& key, const std::string& value) {
      field = static_cast<std::decay_t<decltype(field)>>(number(key, value));
    };
  };
  const std::map<std::string, Setter> setters = {
      {"version", integer(s.version)},
      {"cublaslt", integer(s.cublaslt)},
      {"cudart", integer(s.cudart)},
      {"only_plain", integer(s.only_plain)},
      {"nondeterministic", integer(s.nondeterministic)},
      {"workspace", integer(s.workspace)},
      {"fail", integer(s.fail)},
      {"failcode", integer(s.failcode)},
      {"trace", integer(s.trace)},
      {"failin", [&s](const std::string&, const std::string& value) { s.failin = value; }},
      {"engines",
       [&s](const std::string& key, const std::string& value) {
         std::istringstream parts(value);
         for (std::string part; std::getline(parts, part, ',');) {
           s.engines.push_back(static_cast<int>(number(key, part)));
         }
       }},
  };
  for (char& c : text) c = c == ';' ? '\n' : c;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) continue;
    size_t equals = line.find('=');
    auto setter = setters.find(line.substr(0, equals));
    if (equals == std::string::npos || setter == setters.end()) refuse(1, "softcudnn knows no setting '" + line + "'");
    setter->second(setter->first, line.substr(equals + 1));
  }
  return s;
}

// A text that lives until the thread's next call.
const char* keep(std::string text) {
  static thread_local std::string kept;
  kept = std::move(text);
  return kept.c_str();
}

}  // namespace

Library& library() {
  static Library* the = new Library;  // never destroyed: streams may outlive main
  return *the;
}

std::string& last_refusal() {
  static thread_local std::string text;
  return text;
}

void begin(const char* function) {
  Settings& s = library().settings;
  library().counts[function]++;
  bool counts = s.failin.empty() || s.failin == function;
  if (s.fail > 0 && counts && --s.fail == 0) refuse(s.failcode, "a test lets this call fail");
}

int refused(const char* function, const Refusal& refusal) {
  std::string text = std::string(function) + ": " + refusal.why;
  if (library().settings.trace) std::fprintf(stderr, "softcudnn: %s (%d)\n", text.c_str(), refusal.status);
  library().refusal = last_refusal() = std::move(text);
  return refusal.status;
}

}  // namespace softcudnn

using namespace softcudnn;

const char* softcudnn_reset(const char* settings) {
  std::lock_guard guard(library().lock);
  try {
    library().settings = parse(settings ? settings : "");
    library().counts.clear();
    library().refusal.clear();
    last_refusal().clear();
    forget_objects();
    return nullptr;
  } catch (const Refusal& refusal) {
    return keep(refusal.why);
  }
}

void softcudnn_fail_in(const char* function, int64_t nth, int status) {
  std::lock_guard guard(library().lock);
  Settings& s = library().settings;
  s.failin = function;
  s.fail = nth;
  s.failcode = status;
}

int64_t softcudnn_count(const char* function) {
  std::lock_guard guard(library().lock);
  auto found = library().counts.find(function);
  return found == library().counts.end() ? 0 : found->second;
}

const char* softcudnn_last_refusal() {
  std::lock_guard guard(library().lock);
  return keep(library().refusal);
}

const char* softcudnn_live_objects() {
  std::lock_guard guard(library().lock);
  return keep(live_objects());
}
