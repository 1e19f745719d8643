// From an operation graph to a plan: engines, their configurations, heuristics; and the variant pack.
#include <algorithm>

#include "engine.hpp"

namespace softcudnn {
namespace {

using GraphPart = std::shared_ptr<const Graph>;

Value value_of_part(Part part) { return {CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, {}, {std::move(part)}}; }

template <class T>
Value value_of(int type, T value) {
  Value made{type, 1, std::vector<uint8_t>(sizeof(T))};
  std::memcpy(made.bytes.data(), &value, sizeof(T));
  return made;
}

// What the caller would have made step by step.
Part config_of(const Part& graph, int engine, const std::vector<Knob>& knobs) {
  Value choices{CUDNN_TYPE_BACKEND_DESCRIPTOR};
  for (const Knob& knob : knobs) {
    auto choice = std::make_shared<Descriptor>(Descriptor{CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, true});
    choice->values[CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE] = value_of(CUDNN_TYPE_KNOB_TYPE, knob.type);
    choice->values[CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE] = value_of(CUDNN_TYPE_INT64, knob.value);
    choices.parts.push_back(std::move(choice));
    choices.count++;
  }
  auto chosen = std::make_shared<Descriptor>(Descriptor{CUDNN_BACKEND_ENGINE_DESCRIPTOR, true});
  chosen->values[CUDNN_ATTR_ENGINE_OPERATION_GRAPH] = value_of_part(graph);
  chosen->values[CUDNN_ATTR_ENGINE_GLOBAL_INDEX] = value_of(CUDNN_TYPE_INT64, static_cast<int64_t>(engine));
  finalize_engine(*chosen);
  auto config = std::make_shared<Descriptor>(Descriptor{CUDNN_BACKEND_ENGINECFG_DESCRIPTOR, true});
  config->values[CUDNN_ATTR_ENGINECFG_ENGINE] = value_of_part(std::move(chosen));
  config->values[CUDNN_ATTR_ENGINECFG_KNOB_CHOICES] = std::move(choices);
  finalize_config(*config);
  return config;
}

}  // namespace

void finalize_engine(Descriptor& d) {
  EngineChoice choice{d.part<GraphPart>(CUDNN_ATTR_ENGINE_OPERATION_GRAPH)};
  int64_t index = d.get<int64_t>(CUDNN_ATTR_ENGINE_GLOBAL_INDEX);
  engine_at(index);
  choice.engine = static_cast<int>(index);
  Refusal why{};
  if (!supports(choice.engine, *choice.graph, &why)) throw why;
  d.made = std::move(choice);
}

void finalize_knob(Descriptor&) {}  // checked against an engine's knobs

void finalize_config(Descriptor& d) {
  Config config{d.part<EngineChoice>(CUDNN_ATTR_ENGINECFG_ENGINE)};
  const Engine& engine = engine_at(config.choice.engine);
  const Value* choices = d.find(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES);
  for (size_t i = 0; choices && i < choices->parts.size(); i++) {
    require(choices->finished, CUDNN_STATUS_BAD_PARAM, "a knob choice was set before it was finalized");
    Knob knob{choices->parts[i]->get<int>(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE),
              choices->parts[i]->get<int64_t>(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE)};
    auto range = std::find_if(engine.knobs.begin(), engine.knobs.end(),
                              [&](const KnobRange& each) { return each.type == knob.type; });
    std::string text = "engine " + std::to_string(config.choice.engine) + " (" + engine.name + ")";
    require(range != engine.knobs.end(), CUDNN_STATUS_NOT_SUPPORTED,
            text + " has no knob " + std::to_string(knob.type));
    require(knob.value >= range->least && knob.value <= range->most, CUDNN_STATUS_NOT_SUPPORTED,
            text + ": knob " + std::to_string(knob.type) + " cannot be " + std::to_string(knob.value));
    config.knobs.push_back(knob);
  }
  d.made = std::move(config);
}

void finalize_heuristics(Descriptor& d) {
  int mode = d.get<int>(CUDNN_ATTR_ENGINEHEUR_MODE);
  require(mode >= CUDNN_HEUR_MODE_INSTANT && mode <= CUDNN_HEUR_MODE_A, CUDNN_STATUS_BAD_PARAM,
          "there is no heuristic mode " + std::to_string(mode));
  const auto& graph = d.part<GraphPart>(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH);
  Heuristics found;
  for (auto& [engine, knobs] : suggested(mode, *graph)) {
    found.results.push_back(config_of(d.find(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH)->parts[0], engine, knobs));
  }
  // As the library answers where no engine of the mode computes the graph.
  require(!found.results.empty() || mode == CUDNN_HEUR_MODE_A, CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN,
          "no engine of heuristic mode " + std::to_string(mode) + " computes the graph");
  d.made = std::move(found);
}

void finalize_plan(Descriptor& d) {
  Plan plan{d.get<uint64_t>(CUDNN_ATTR_EXECUTION_PLAN_HANDLE), d.part<Config>(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG)};
  handle_of(plan.handle);
  require(plan.config.choice.engine != 7, CUDNN_STATUS_NOT_SUPPORTED,
          "engine 7 (refusing) makes no plans; the next configuration may");
  plan.workspace = workspace_of(plan.config);
  plan.compiled = std::make_shared<bool>(false);
  d.made = std::move(plan);
}

void finalize_pack(Descriptor& d) {
  std::vector<int64_t> ids = d.integers(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS),
                       pointers = d.integers(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS);
  require(ids.size() == pointers.size(), CUDNN_STATUS_BAD_PARAM,
          std::to_string(ids.size()) + " unique ids and " + std::to_string(pointers.size()) + " pointers");
  Pack pack{{}, d.get<uint64_t>(CUDNN_ATTR_VARIANT_PACK_WORKSPACE)};
  for (size_t i = 0; i < ids.size(); i++) {
    bool first = pack.pointers.emplace(ids[i], static_cast<uint64_t>(pointers[i])).second;
    require(first, CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES,
            "unique id " + std::to_string(ids[i]) + " has two pointers");
  }
  d.made = std::move(pack);
}

}  // namespace softcudnn
