// Attributes that are asked for and never set.
#include "engine.hpp"

namespace softcudnn {
namespace {

template <class T>
Value list(int type, const std::vector<T>& values) {
  Value made{type, static_cast<int64_t>(values.size()), std::vector<uint8_t>(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(made.bytes.data(), values.data(), made.bytes.size());
  return made;
}

Value parts(std::vector<Part> parts) {
  int64_t count = static_cast<int64_t>(parts.size());
  return {CUDNN_TYPE_BACKEND_DESCRIPTOR, count, {}, std::move(parts)};
}

Value knobs_of(int engine) {
  std::vector<Part> knobs;
  for (const KnobRange& range : engine_at(engine).knobs) {
    auto info = std::make_shared<Descriptor>(Descriptor{CUDNN_BACKEND_KNOB_INFO_DESCRIPTOR, true});
    info->values[CUDNN_ATTR_KNOB_INFO_TYPE] = list<int>(CUDNN_TYPE_KNOB_TYPE, {range.type});
    info->values[CUDNN_ATTR_KNOB_INFO_MINIMUM_VALUE] = list<int64_t>(CUDNN_TYPE_INT64, {range.least});
    info->values[CUDNN_ATTR_KNOB_INFO_MAXIMUM_VALUE] = list<int64_t>(CUDNN_TYPE_INT64, {range.most});
    info->values[CUDNN_ATTR_KNOB_INFO_STRIDE] = list<int64_t>(CUDNN_TYPE_INT64, {1});
    knobs.push_back(std::move(info));
  }
  return parts(std::move(knobs));
}

Value json(const Plan& plan) {
  std::string text = "{\"engine\":" + std::to_string(plan.config.choice.engine) + ",\"knobs\":{";
  for (const Knob& knob : plan.config.knobs) {
    text += (text.back() == '{' ? "\"" : ",\"") + std::to_string(knob.type) + "\":" + std::to_string(knob.value);
  }
  text += "}}";
  return list<char>(CUDNN_TYPE_CHAR, {text.c_str(), text.c_str() + text.size() + 1});
}

}  // namespace

Value answer(const Descriptor& d, const Rule& rule) {
  switch (rule.attribute) {
    case CUDNN_ATTR_OPERATIONGRAPH_ENGINE_GLOBAL_COUNT: return list<int64_t>(CUDNN_TYPE_INT64, {engine_count});
    case CUDNN_ATTR_ENGINEHEUR_RESULTS: return parts(std::get<Heuristics>(d.made).results);
    case CUDNN_ATTR_ENGINE_KNOB_INFO: return knobs_of(std::get<EngineChoice>(d.made).engine);
    case CUDNN_ATTR_ENGINE_NUMERICAL_NOTE:
      return list(CUDNN_TYPE_NUMERICAL_NOTE, numerical_notes(std::get<EngineChoice>(d.made).engine));
    case CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE:
      return list(CUDNN_TYPE_BEHAVIOR_NOTE, engine_at(std::get<EngineChoice>(d.made).engine).behavior_notes);
    case CUDNN_ATTR_ENGINECFG_WORKSPACE_SIZE:
      return list<int64_t>(CUDNN_TYPE_INT64, {workspace_of(std::get<Config>(d.made))});
    case CUDNN_ATTR_ENGINECFG_SHARED_MEMORY_USED: return list<int>(CUDNN_TYPE_INT32, {48 << 10});
    case CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE:
      return list<int64_t>(CUDNN_TYPE_INT64, {std::get<Plan>(d.made).workspace});
    case CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION: return json(std::get<Plan>(d.made));
    default: return *d.find(rule.attribute);  // of descriptors that we made
  }
}

}  // namespace softcudnn
