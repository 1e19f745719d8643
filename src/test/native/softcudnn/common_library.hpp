// What both fakes share: settings, a lock, counted calls, and refusals with a sentence.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <new>
#include <string>
#include <vector>

namespace softcudnn {

// Why a call is not done: what the caller gets, and the reason.
struct Refusal {
  int status;
  std::string why;
};

[[noreturn]] inline void refuse(int status, std::string why) { throw Refusal{status, std::move(why)}; }

inline void require(bool holds, int status, const std::string& why) {
  if (!holds) refuse(status, why);
}

// What the libraries claim to be (softcudnn.h).
struct Settings {
  int version = 92800, cublaslt = 120405, cudart = 12040;
  std::vector<int> engines;
  bool only_plain = false, nondeterministic = false, trace = false;
  int64_t workspace = 64 << 20;
  int64_t fail = 0;
  int failcode = 4000;
  std::string failin;
};

struct Library {
  std::recursive_mutex lock;
  Settings settings;
  std::map<std::string, int64_t> counts;
  std::string refusal;
};

Library& library();

// The text of this thread's last refusal.
std::string& last_refusal();

// What each library does of its own at a reset, and which objects it holds, a line each.
void forget_objects();
std::string live_objects();

// Counts a call and throws where it is to fail.
void begin(const char* function);

// Keeps the reason of a refusal, prints it where asked, and returns its status.
int refused(const char* function, const Refusal& refusal);

// One call: counted, failed where a test asks for it, done under the lock, its refusal turned into a status.
template <class Body>
int call(const char* function, int no_memory, Body body) {
  std::lock_guard guard(library().lock);
  try {
    begin(function);
    body();
    return 0;
  } catch (const Refusal& refusal) {
    return refused(function, refusal);
  } catch (const std::bad_alloc&) {
    return refused(function, {no_memory, "the host has no memory left"});
  }
}

}  // namespace softcudnn
