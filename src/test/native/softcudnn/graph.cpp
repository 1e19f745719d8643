// Operation graphs: operations linked by virtual tensors, brought into an order in which they can run.
#include <algorithm>
#include <set>

#include "descriptor.hpp"

namespace softcudnn {
namespace {

using OperationPart = std::shared_ptr<const Operation>;

std::vector<OperationPart> operations_of(const Descriptor& d) {
  std::vector<OperationPart> operations;
  for (const Part& part : d.find(CUDNN_ATTR_OPERATIONGRAPH_OPS)->parts) {
    operations.push_back(std::get<OperationPart>(part->made));
  }
  return operations;
}

void check_same(const Tensor& a, const Tensor& b) {
  bool same = a.dims == b.dims && a.strides == b.strides && a.element == b.element && a.is_virtual == b.is_virtual &&
              a.by_value == b.by_value;
  require(same, CUDNN_STATUS_BAD_PARAM, a.text() + " and " + b.text() + " have the same unique id");
}

// Every unique id is one tensor, written at most once; what is virtual is written once and read.
std::map<int64_t, const Tensor*> check_tensors(const std::vector<OperationPart>& operations) {
  std::map<int64_t, const Tensor*> tensors;
  std::set<int64_t> written, read;
  auto add = [&](const Tensor& t) { check_same(*tensors.emplace(t.id, &t).first->second, t); };
  for (const OperationPart& o : operations) {
    for (const Tensor* t : o->inputs()) {
      add(*t);
      read.insert(t->id);
    }
    add(o->output());
    require(written.insert(o->output().id).second, CUDNN_STATUS_BAD_PARAM_DUPLICATED_ENTRIES,
            o->output().text() + " is the output of two operations");
  }
  for (auto& [id, t] : tensors) {
    if (!t->is_virtual) continue;
    require(written.count(id), CUDNN_STATUS_BAD_PARAM, t->text() + " is virtual and no operation's output");
    require(read.count(id), CUDNN_STATUS_BAD_PARAM, t->text() + " is virtual and no operation's input");
  }
  return tensors;
}

std::vector<OperationPart> ordered(std::vector<OperationPart> waiting) {
  std::set<int64_t> missing;
  for (const OperationPart& o : waiting) missing.insert(o->output().id);
  std::vector<OperationPart> order;
  while (!waiting.empty()) {
    auto ready = std::find_if(waiting.begin(), waiting.end(), [&](const OperationPart& o) {
      auto inputs = o->inputs();
      return std::none_of(inputs.begin(), inputs.end(), [&](const Tensor* t) { return missing.count(t->id); });
    });
    require(ready != waiting.end(), CUDNN_STATUS_BAD_PARAM, "the operations' tensors form a cycle");
    missing.erase((*ready)->output().id);
    order.push_back(*ready);
    waiting.erase(ready);
  }
  return order;
}

}  // namespace

void finalize_graph(Descriptor& d) {
  auto graph = std::make_shared<Graph>();
  graph->handle = d.get<uint64_t>(CUDNN_ATTR_OPERATIONGRAPH_HANDLE);
  handle_of(graph->handle);
  graph->tensors = check_tensors(operations_of(d));
  graph->operations = ordered(operations_of(d));
  for (auto each = graph->tensors.begin(); each != graph->tensors.end();) {
    each = each->second->is_virtual ? graph->tensors.erase(each) : std::next(each);
  }
  d.made = std::shared_ptr<const Graph>(std::move(graph));
}

}  // namespace softcudnn
