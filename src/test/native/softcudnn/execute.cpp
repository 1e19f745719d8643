// An execution: the pack's addresses against what the plan's tensors and workspace ask of them.
#include "execute.hpp"

#include "job.hpp"

namespace softcudnn {
namespace {

struct Range {
  uint64_t start, bytes;
  bool overlaps(const Range& other) const { return start < other.start + other.bytes && other.start < start + bytes; }
  bool operator==(const Range& other) const { return start == other.start && bytes == other.bytes; }
};

Range range_of(const Tensor& t, const Pack& pack) { return {pack.pointers.at(t.id), static_cast<uint64_t>(t.bytes())}; }

void check_pointers(const Graph& graph, const Pack& pack) {
  for (auto& [id, t] : graph.tensors) {
    auto found = pack.pointers.find(id);
    require(found != pack.pointers.end(), CUDNN_STATUS_BAD_PARAM,
            "the variant pack has no unique id " + std::to_string(id) + ", " + t->text());
    require(found->second != 0, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "the pointer of " + t->text() + " is null");
    require(t->by_value || found->second % t->alignment == 0, CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER,
            "the pointer of " + t->text() + " is no multiple of its " + std::to_string(t->alignment) + " bytes");
  }
  for (auto& [id, pointer] : pack.pointers) {
    require(graph.tensors.count(id), CUDNN_STATUS_BAD_PARAM,
            "the variant pack has unique id " + std::to_string(id) + ", which no tensor of the plan has");
  }
}

void check_workspace(const Plan& plan, const Pack& pack) {
  if (plan.workspace == 0) return;
  std::string needs = "the plan needs " + std::to_string(plan.workspace) + " bytes of workspace";
  require(pack.workspace != 0, CUDNN_STATUS_BAD_PARAM_NULL_POINTER, needs + ", the pack has none");
  require(pack.workspace % 16 == 0, CUDNN_STATUS_BAD_PARAM_MISALIGNED_POINTER,
          "the workspace is not aligned to 16 bytes");
  uint64_t base = 0, bytes = 0;
  require(allocation(pack.workspace, &base, &bytes), CUDNN_STATUS_BAD_PARAM, "the workspace is no device memory");
  uint64_t left = base + bytes - pack.workspace;
  require(left >= static_cast<uint64_t>(plan.workspace), CUDNN_STATUS_BAD_PARAM_SIZE_INSUFFICIENT,
          needs + ", its allocation has " + std::to_string(left));
}

// An output may take the place of a pointwise operation's input, element by element, and of nothing else.
void check_overlaps(const Plan& plan, const Pack& pack) {
  const Graph& graph = *plan.config.choice.graph;
  Range workspace{pack.workspace, static_cast<uint64_t>(plan.workspace)};
  for (auto& [id, t] : graph.tensors) {
    if (t->by_value) continue;
    require(!workspace.overlaps(range_of(*t, pack)), CUDNN_STATUS_BAD_PARAM, "the workspace overlaps " + t->text());
  }
  for (const auto& o : graph.operations) {
    const Tensor& out = o->output();
    if (out.is_virtual) continue;
    for (auto& [id, t] : graph.tensors) {
      if (id == out.id || t->by_value) continue;
      Range here = range_of(out, pack), there = range_of(*t, pack);
      bool replaces = here == there && o->kind == CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR;
      for (const auto& other : graph.operations) {
        for (const Tensor* in : other->inputs()) replaces = replaces && !(other->convolves() && in->id == id);
      }
      require(!here.overlaps(there) || replaces, CUDNN_STATUS_BAD_PARAM,
              "output " + out.text() + " overlaps " + t->text());
    }
  }
}

}  // namespace

void execute(const Handle& handle, const Plan& plan, const Pack& pack) {
  require(current_context() == handle.context, CUDNN_STATUS_BAD_PARAM,
          "the thread's context is not the one that the handle was created in");
  require(handle_of(plan.handle).context == handle.context, CUDNN_STATUS_BAD_PARAM,
          "the plan was made for another context");
  const Graph& graph = *plan.config.choice.graph;
  check_pointers(graph, pack);
  check_workspace(plan, pack);
  check_overlaps(plan, pack);
  const Engine& engine = engine_at(plan.config.choice.engine);
  bool compiles = !engine.behavior_notes.empty() && engine.behavior_notes[0] == CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION;
  if (compiles && !*plan.compiled) {
    require(!captures(handle.stream), CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER,
            std::string("engine ") + engine.name + " compiles at its first execution, which a capture forbids");
    *plan.compiled = true;
  }
  auto job = std::make_unique<Job>();
  job->name = std::string("cudnn ") + graph.operations[0]->name() + " (" + engine.name + ")";
  job->graph = plan.config.choice.graph;
  job->arithmetic = engine.arithmetic;
  job->workspace = pack.workspace;
  job->workspace_bytes = plan.workspace;
  for (auto& [id, t] : graph.tensors) {
    if (t->by_value) {
      job->scalars[id] = load(reinterpret_cast<const void*>(pack.pointers.at(id)), 0, t->element);
    } else {
      job->addresses[id] = pack.pointers.at(id);
    }
  }
  int status = enqueue(handle.stream, std::move(job));
  require(status == 0, CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER, "the driver answered " + std::to_string(status));
}

}  // namespace softcudnn
