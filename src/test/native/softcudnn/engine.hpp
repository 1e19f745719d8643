// The engines that softcudnn claims to have, each with the trait that a client must heed.
#pragma once

#include "descriptor.hpp"

namespace softcudnn {

struct KnobRange {
  int type;
  int64_t least, most;
};

// How an engine's arithmetic differs from sums in f64 that are rounded once.
enum class Arithmetic { exact, tf32, bf16, unordered };

struct Engine {
  const char* name;
  std::vector<int> numerical_notes, behavior_notes;
  std::vector<KnobRange> knobs;
  Arithmetic arithmetic;
  // Refuses graphs that it does not compute.
  void (*check)(const Graph&);
};

constexpr int engine_count = 8;
const Engine& engine_at(int64_t index);

// Whether an engine computes a graph. `why`, if given, is the refusal where it does not.
bool supports(int engine, const Graph& graph, Refusal* why = nullptr);

// Those that a heuristic mode names, in its order, with their knobs.
std::vector<std::pair<int, std::vector<Knob>>> suggested(int mode, const Graph& graph);

// The bytes of workspace that a configuration needs.
int64_t workspace_of(const Config& config);

std::vector<int> numerical_notes(int engine);

}  // namespace softcudnn
