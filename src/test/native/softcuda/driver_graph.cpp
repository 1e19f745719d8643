// Graphs: nodes that a capture recorded, executables made of them, and their launches.
#include <algorithm>
#include <cstdio>
#include <random>

#include "driver.hpp"

namespace softcuda::front {
namespace {

struct TypeOf {
  CUgraphNodeType operator()(const Kernel&) const { return CU_GRAPH_NODE_TYPE_KERNEL; }
  CUgraphNodeType operator()(const Copy&) const { return CU_GRAPH_NODE_TYPE_MEMCPY; }
  CUgraphNodeType operator()(const Fill&) const { return CU_GRAPH_NODE_TYPE_MEMSET; }
  CUgraphNodeType operator()(const HostCall&) const { return CU_GRAPH_NODE_TYPE_HOST; }
  CUgraphNodeType operator()(const Record&) const { return CU_GRAPH_NODE_TYPE_EVENT_RECORD; }
  CUgraphNodeType operator()(const Wait&) const { return CU_GRAPH_NODE_TYPE_WAIT_EVENT; }
  CUgraphNodeType operator()(const Replay&) const { return CU_GRAPH_NODE_TYPE_GRAPH; }
  CUgraphNodeType operator()(const Guest&) const { return CU_GRAPH_NODE_TYPE_KERNEL; }
  CUgraphNodeType operator()(const Nothing&) const { return CU_GRAPH_NODE_TYPE_EMPTY; }
};

CUgraphNodeType type_of(const Work& work) { return std::visit(TypeOf{}, work); }

// Any order that the edges allow, chosen by the seed: what leans on another finds out.
std::vector<size_t> order_of(const std::vector<Plan::Step>& steps) {
  std::vector<size_t> waiting(steps.size()), ready, order;
  std::vector<std::vector<size_t>> next(steps.size());
  for (size_t i = 0; i < steps.size(); i++) {
    waiting[i] = steps[i].after.size();
    if (waiting[i] == 0) ready.push_back(i);
    for (size_t before : steps[i].after) next[before].push_back(i);
  }
  std::mt19937_64 random(driver().options.engine.seed);
  while (!ready.empty()) {
    std::swap(ready[random() % ready.size()], ready.back());
    size_t step = ready.back();
    ready.pop_back();
    order.push_back(step);
    for (size_t each : next[step]) {
      if (--waiting[each] == 0) ready.push_back(each);
    }
  }
  return order;
}

std::shared_ptr<Plan> plan_of(const Graph& graph) {
  auto plan = std::make_shared<Plan>();
  std::unordered_map<const Node*, size_t> places;
  for (const Node* node : graph.nodes) {
    Plan::Step step{node->handle, node->work, {}};
    for (const Node* before : node->after) step.after.push_back(places.at(before));
    places.emplace(node, plan->steps.size());
    plan->steps.push_back(std::move(step));
  }
  plan->order = order_of(plan->steps);
  return plan;
}

// The executable's plan, to change: a launch that is still queued keeps the one it had.
Plan& changing(Executable& executable) {
  if (executable.plan.use_count() > 1) executable.plan = std::make_shared<Plan>(*executable.plan);
  return *executable.plan;
}

void instantiate(Context& context, CUgraphExec* handle, CUgraph graph, unsigned long long flags) {
  constexpr unsigned long long known = CUDA_GRAPH_INSTANTIATE_FLAG_AUTO_FREE_ON_LAUNCH |
                                       CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD |
                                       CUDA_GRAPH_INSTANTIATE_FLAG_USE_NODE_PRIORITY;
  require(handle != nullptr, CUDA_ERROR_INVALID_VALUE, "the executable's place is null");
  require((flags & ~known) == 0, CUDA_ERROR_INVALID_VALUE, "unknown flags");
  auto made = std::make_unique<Executable>();
  made->plan = plan_of(resolve<Graph>(graph, CUDA_ERROR_INVALID_VALUE));
  *handle = adopt(std::move(made), &context).as<CUgraphExec>();
}

// How a graph differs from the one that an executable was made of, if an update cannot bridge it.
CUgraphExecUpdateResult difference(const Plan& plan, const Graph& graph, const Node** culprit) {
  if (plan.steps.size() != graph.nodes.size()) return CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
  std::unordered_map<const Node*, size_t> places;
  for (size_t i = 0; i < graph.nodes.size(); i++) {
    const Node* node = *culprit = graph.nodes[i];
    places.emplace(node, i);
    if (type_of(node->work) != type_of(plan.steps[i].work)) return CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
    std::vector<size_t> after;
    for (const Node* before : node->after) after.push_back(places.at(before));
    if (after != plan.steps[i].after) return CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
  }
  *culprit = nullptr;
  return CU_GRAPH_EXEC_UPDATE_SUCCESS;
}

std::string label(const Node& node) {
  static const char* const types[] = {"kernel", "memcpy", "memset", "host", "graph", "empty", "wait", "record"};
  if (auto* kernel = std::get_if<Kernel>(&node.work)) {
    const Launch& l = kernel->launch;
    char sizes[128];
    std::snprintf(sizes, sizeof sizes, "\\ngrid %u,%u,%u block %u,%u,%u shared %zu", l.grid.x, l.grid.y, l.grid.z,
                  l.block.x, l.block.y, l.block.z, l.dynamic_shared);
    return l.function->name + sizes;
  }
  if (auto* copy = std::get_if<Copy>(&node.work)) return "memcpy\\n" + std::to_string(copy->bytes) + " bytes";
  if (auto* guest = std::get_if<Guest>(&node.work)) return guest->name;
  return types[type_of(node.work)];
}

}  // namespace

Node& add_node(Graph& graph, Work work, std::vector<Node*> after) {
  auto made = std::make_unique<Node>();
  made->work = std::move(work);
  made->after = std::move(after);
  Node& node = adopt(std::move(made), graph.context);
  graph.nodes.push_back(&node);
  return node;
}

void destroy(Graph& graph) {
  for (Node* node : graph.nodes) forget(*node);
  forget(graph);
}

void replay(Context& context, const Plan& plan) {
  for (size_t step : plan.order) execute(context, plan.steps[step].work);
}

}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph graph, unsigned long long flags) {
  return inside(__func__, [&](Context& context) { instantiate(context, executable, graph, flags); });
}

CUresult cuGraphInstantiateWithParams(CUgraphExec* executable, CUgraph graph, CUDA_GRAPH_INSTANTIATE_PARAMS* params) {
  return inside(__func__, [&](Context& context) {
    require(params != nullptr, CUDA_ERROR_INVALID_VALUE, "params is null");
    params->hErrNode_out = nullptr;
    params->result_out = CUDA_GRAPH_INSTANTIATE_ERROR;
    instantiate(context, executable, graph, params->flags);
    params->result_out = CUDA_GRAPH_INSTANTIATE_SUCCESS;
    if (params->flags & CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD) stream_of(context, params->hUploadStream);
  });
}

CUresult cuGraphUpload(CUgraphExec executable, CUstream stream) {
  return inside(__func__, [&](Context& context) {
    resolve<Executable>(executable, CUDA_ERROR_INVALID_VALUE);
    require(!stream_of(context, stream).capture, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the stream captures");
  });
}

CUresult cuGraphLaunch(CUgraphExec handle, CUstream where) {
  return inside(__func__, [&](Context& context) {
    Executable& executable = resolve<Executable>(handle, CUDA_ERROR_INVALID_VALUE);
    Stream& stream = stream_of(context, where);
    if (stream.capture) return record(stream, Replay{executable.plan});
    auto last = executable.last;
    if (last && !last->done && last->stream != &stream) submit(stream, Wait{last});
    executable.last = std::make_shared<Moment>();
    executable.last->stream = &stream;
    auto moment = executable.last;
    submit(stream, Replay{executable.plan});
    submit(stream, Record{moment});
    moment->sequence = stream.queued;
  });
}

CUresult cuGraphExecUpdate_v2(CUgraphExec handle, CUgraph source, CUgraphExecUpdateResultInfo* info) {
  return inside(__func__, [&](Context&) {
    require(info != nullptr, CUDA_ERROR_INVALID_VALUE, "info is null");
    Executable& executable = resolve<Executable>(handle, CUDA_ERROR_INVALID_VALUE);
    Graph& graph = resolve<Graph>(source, CUDA_ERROR_INVALID_VALUE);
    const Node* culprit = nullptr;
    *info = {difference(*executable.plan, graph, &culprit), nullptr, nullptr};
    if (culprit) info->errorNode = culprit->as<CUgraphNode>();
    require(info->result == CU_GRAPH_EXEC_UPDATE_SUCCESS, CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE,
            "the graph has other nodes or edges than the executable");
    Plan& plan = changing(executable);
    for (size_t i = 0; i < plan.steps.size(); i++) plan.steps[i].work = graph.nodes[i]->work;
  });
}

CUresult cuGraphExecKernelNodeSetParams_v2(CUgraphExec handle, CUgraphNode which,
                                           const CUDA_KERNEL_NODE_PARAMS* params) {
  return inside(__func__, [&](Context&) {
    require(params != nullptr, CUDA_ERROR_INVALID_VALUE, "params is null");
    Executable& executable = resolve<Executable>(handle, CUDA_ERROR_INVALID_VALUE);
    Node& node = resolve<Node>(which, CUDA_ERROR_INVALID_VALUE);
    FunctionObject& function = resolve<FunctionObject>(params->func, CUDA_ERROR_INVALID_VALUE);
    auto& known = executable.plan->steps;
    auto step = std::find_if(known.begin(), known.end(), [&](auto& each) { return each.node == node.handle; });
    require(step != known.end(), CUDA_ERROR_INVALID_VALUE, "the node is not of the graph that was instantiated");
    require(std::holds_alternative<Kernel>(step->work), CUDA_ERROR_INVALID_VALUE, "the node is no kernel");
    Kernel changed = kernel(function, {params->gridDimX, params->gridDimY, params->gridDimZ},
                            {params->blockDimX, params->blockDimY, params->blockDimZ}, params->sharedMemBytes,
                            params->kernelParams, params->extra);
    size_t place = step - known.begin();
    changing(executable).steps[place].work = std::move(changed);
  });
}

CUresult cuGraphGetNodes(CUgraph handle, CUgraphNode* nodes, size_t* count) {
  return outside(__func__, [&] {
    require(count != nullptr, CUDA_ERROR_INVALID_VALUE, "count is null");
    Graph& graph = resolve<Graph>(handle, CUDA_ERROR_INVALID_VALUE);
    if (nodes) {
      for (size_t i = 0; i < *count; i++) {
        nodes[i] = i < graph.nodes.size() ? graph.nodes[i]->as<CUgraphNode>() : nullptr;
      }
      *count = std::min(*count, graph.nodes.size());
    } else {
      *count = graph.nodes.size();
    }
  });
}

CUresult cuGraphNodeGetType(CUgraphNode node, CUgraphNodeType* type) {
  return outside(__func__, [&] {
    require(type != nullptr, CUDA_ERROR_INVALID_VALUE, "type is null");
    *type = type_of(resolve<Node>(node, CUDA_ERROR_INVALID_VALUE).work);
  });
}

CUresult cuGraphDebugDotPrint(CUgraph handle, const char* path, unsigned) {
  return outside(__func__, [&] {
    require(path != nullptr, CUDA_ERROR_INVALID_VALUE, "path is null");
    Graph& graph = resolve<Graph>(handle, CUDA_ERROR_INVALID_VALUE);
    std::FILE* file = std::fopen(path, "w");
    require(file != nullptr, CUDA_ERROR_OPERATING_SYSTEM, "the file cannot be written");
    std::fputs("digraph captured {\n", file);
    for (const Node* node : graph.nodes) {
      auto name = static_cast<unsigned long long>(node->handle);
      std::fprintf(file, "  n%llx [label=\"%s\"];\n", name, label(*node).c_str());
      for (const Node* before : node->after) {
        std::fprintf(file, "  n%llx -> n%llx;\n", static_cast<unsigned long long>(before->handle), name);
      }
    }
    std::fputs("}\n", file);
    std::fclose(file);
  });
}

CUresult cuGraphExecDestroy(CUgraphExec executable) {
  return call<Needs::initialised, true>(
      __func__, [&] { forget(resolve<Executable>(executable, CUDA_ERROR_INVALID_VALUE)); });
}

CUresult cuGraphDestroy(CUgraph graph) {
  return call<Needs::initialised, true>(__func__,
                                        [&] { destroy(resolve<Graph>(graph, CUDA_ERROR_INVALID_VALUE)); });
}
