// The table of engines. Number 0 computes every single operation and is the heuristics' fallback; the
// others are each a trap for a client that does not read notes, sizes or statuses:
//   1 f32 in f32, with a knob, workspace by knob     2 tensor cores: f32 operands become TF32
//   3 sums in an order that changes with every run   4 compiles at its first execution; fuses
//   5 wants a large workspace                        6 turns f32 operands into bf16
//   7 is suggested, and its plan is then refused
#include "engine.hpp"

#include <algorithm>

#include "common_device.hpp"

namespace softcudnn {
namespace {

const Operation& first(const Graph& graph) { return *graph.operations[0]; }

Element operand(const Graph& graph) { return first(graph).inputs()[0]->element; }

void require_plain(const Graph& graph) {
  require(graph.operations.size() == 1, CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN,
          "the engine computes one operation only");
}

void require_convolution(const Graph& graph) {
  require(first(graph).convolves(), CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN, "the engine computes convolutions only");
}

// No engine converts what a lone convolution gives: a pointwise operation after it does.
void require_same_type(const Graph& graph) {
  const Tensor& out = first(graph).output();
  require(out.is_virtual || out.element == operand(graph), CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE,
          "a convolution's output has its inputs' type");
}

// One convolution, or one and pointwise operations on what it gives, unscaled.
void require_fusion(const Graph& graph) {
  require_convolution(graph);
  require_same_type(graph);
  if (graph.operations.size() == 1) return;
  require(!library().settings.only_plain, CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN,
          "no engine fuses operations (only_plain=1)");
  bool pointwise = std::all_of(graph.operations.begin() + 1, graph.operations.end(),
                               [](auto& o) { return o->kind == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR; });
  require(pointwise, CUDNN_STATUS_NOT_SUPPORTED_GRAPH_PATTERN,
          "the engine fuses a convolution and pointwise operations only");
  require(first(graph).alpha == 1 && first(graph).beta == 0, CUDNN_STATUS_NOT_SUPPORTED,
          "a fused convolution has alpha 1 and beta 0");
}

void require_nhwc(const Graph& graph) {
  for (const auto& o : graph.operations) {
    for (const Tensor* t : o->inputs())
      require(t->nhwc(), CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, t->text() + " is not NHWC");
    require(o->output().nhwc(), CUDNN_STATUS_NOT_SUPPORTED_LAYOUT, o->output().text() + " is not NHWC");
  }
}

void require_f32(const Graph& graph) {
  require(operand(graph) == Element::f32, CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, "the engine computes f32 only");
}

void check_direct(const Graph& graph) {
  require_plain(graph);
  if (first(graph).convolves()) require_same_type(graph);
}

void check_gemm(const Graph& graph) {
  require_plain(graph);
  require_convolution(graph);
  require_nhwc(graph);
  require_f32(graph);
}

void check_tensor_core(const Graph& graph) {
  require_fusion(graph);
  require_nhwc(graph);
  int needed = operand(graph) == Element::f16 ? 75 : 80;
  require(compute_capability() >= needed, CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH,
          "the device has no such tensor cores");
  for (const auto& [id, t] : graph.tensors) {
    require(t->by_value || t->alignment % 16 == 0, CUDNN_STATUS_NOT_SUPPORTED,
            t->text() + " is not aligned to 16 bytes");
  }
  bool eights = first(graph).x->dims[1] % 8 == 0 && first(graph).w->dims[0] % 8 == 0;
  require(eights || operand(graph) == Element::f32, CUDNN_STATUS_NOT_SUPPORTED_SHAPE, "channels are no multiples of 8");
}

void check_unordered(const Graph& graph) {
  require_plain(graph);
  require_convolution(graph);
  require_nhwc(graph);
  require_same_type(graph);
  require(first(graph).kind != CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR, CUDNN_STATUS_NOT_SUPPORTED,
          "the engine computes gradients only");
}

void check_compiled(const Graph& graph) {
  require_fusion(graph);
  require_nhwc(graph);
}

void check_large(const Graph& graph) {
  require_plain(graph);
  require_convolution(graph);
  require_nhwc(graph);
  require_same_type(graph);
  const Convolution& c = first(graph).convolution;
  const auto& w = first(graph).w->dims;
  require(w[2] == 3 && w[3] == 3 && c.stride == std::vector<int64_t>{1, 1} && c.dilation == std::vector<int64_t>{1, 1},
          CUDNN_STATUS_NOT_SUPPORTED_SHAPE, "the engine computes 3x3 filters with stride 1 only");
}

void check_down_converting(const Graph& graph) {
  check_tensor_core(graph);
  require_f32(graph);
}

void check_refusing(const Graph& graph) { require_fusion(graph); }

const Engine engines[engine_count] = {
    {"direct", {}, {}, {}, Arithmetic::exact, check_direct},
    {"gemm_f32", {}, {}, {{CUDNN_KNOB_TYPE_TILE_SIZE, 0, 2}}, Arithmetic::exact, check_gemm},
    {"tensor_core",
     {CUDNN_NUMERICAL_NOTE_TENSOR_CORE},
     {CUDNN_BEHAVIOR_NOTE_SUPPORTS_CUDA_GRAPH_NATIVE_API},
     {{CUDNN_KNOB_TYPE_TILE_SIZE, 0, 1}, {CUDNN_KNOB_TYPE_SPLIT_K_BUF, 1, 4}},
     Arithmetic::tf32,
     check_tensor_core},
    {"unordered", {CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC}, {}, {}, Arithmetic::unordered, check_unordered},
    {"compiled", {}, {CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION}, {}, Arithmetic::exact, check_compiled},
    {"large_workspace", {CUDNN_NUMERICAL_NOTE_WINOGRAD}, {}, {}, Arithmetic::exact, check_large},
    {"down_converting",
     {CUDNN_NUMERICAL_NOTE_TENSOR_CORE, CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS},
     {},
     {},
     Arithmetic::bf16,
     check_down_converting},
    {"refusing", {}, {}, {}, Arithmetic::exact, check_refusing},
};

// In the order of the heuristics.
const std::pair<int, std::vector<Knob>> preferences[] = {
    {2, {{CUDNN_KNOB_TYPE_TILE_SIZE, 1}, {CUDNN_KNOB_TYPE_SPLIT_K_BUF, 2}}},
    {2, {{CUDNN_KNOB_TYPE_TILE_SIZE, 0}, {CUDNN_KNOB_TYPE_SPLIT_K_BUF, 1}}},
    {6, {}},
    {3, {}},
    {7, {}},
    {5, {}},
    {4, {}},
    {1, {{CUDNN_KNOB_TYPE_TILE_SIZE, 2}}},
    {1, {{CUDNN_KNOB_TYPE_TILE_SIZE, 0}}},
};

}  // namespace

const Engine& engine_at(int64_t index) {
  require(index >= 0 && index < engine_count, CUDNN_STATUS_NOT_SUPPORTED,
          "there is no engine " + std::to_string(index) + "; they are 0 to " + std::to_string(engine_count - 1));
  return engines[index];
}

bool supports(int engine, const Graph& graph, Refusal* why) {
  try {
    engine_at(engine).check(graph);
    return true;
  } catch (const Refusal& refusal) {
    if (why)
      *why = {refusal.status, "engine " + std::to_string(engine) + " (" + engine_at(engine).name + "): " + refusal.why};
    return false;
  }
}

std::vector<std::pair<int, std::vector<Knob>>> suggested(int mode, const Graph& graph) {
  std::vector<std::pair<int, std::vector<Knob>>> all(std::begin(preferences), std::end(preferences));
  const std::vector<int>& only = library().settings.engines;
  auto place = [&](int engine) { return std::find(only.begin(), only.end(), engine) - only.begin(); };
  if (mode == CUDNN_HEUR_MODE_FALLBACK) {
    all = {{0, {}}};
  } else if (!only.empty()) {
    all.insert(all.begin(), {0, {}});
    std::stable_sort(all.begin(), all.end(), [&](auto& a, auto& b) { return place(a.first) < place(b.first); });
  }
  auto wrong = [&](auto& each) {
    return (!only.empty() && place(each.first) == static_cast<long>(only.size())) || !supports(each.first, graph);
  };
  all.erase(std::remove_if(all.begin(), all.end(), wrong), all.end());
  return all;
}

int64_t workspace_of(const Config& config) {
  int64_t tile = 0, split = 1;
  for (const Knob& knob : config.knobs) (knob.type == CUDNN_KNOB_TYPE_TILE_SIZE ? tile : split) = knob.value;
  switch (config.choice.engine) {
    case 1: return 4096 * tile;
    case 2: return split > 1 ? split * 4 * first(*config.choice.graph).output().elements() : 0;
    case 4: return 256;
    case 5: return library().settings.workspace;
    default: return 0;
  }
}

std::vector<int> numerical_notes(int engine) {
  std::vector<int> notes = engine_at(engine).numerical_notes;
  if (library().settings.nondeterministic &&
      std::find(notes.begin(), notes.end(), CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC) == notes.end()) {
    notes.push_back(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC);
  }
  return notes;
}

}  // namespace softcudnn
