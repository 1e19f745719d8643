// Stream capture: work of a capturing stream becomes nodes of a graph. Events carry the capture from
// stream to stream; what would escape it invalidates it.
#include <algorithm>

#include "driver.hpp"

namespace softcuda::front {
namespace {

thread_local CUstreamCaptureMode thread_mode = CU_STREAM_CAPTURE_MODE_GLOBAL;

void merge(std::vector<Node*>& tail, const std::vector<Node*>& more) {
  for (Node* node : more) {
    if (std::find(tail.begin(), tail.end(), node) == tail.end()) tail.push_back(node);
  }
}

std::vector<Stream*> streams_of(const Capture& capture) {
  std::vector<Stream*> streams;
  for (Device& device : driver().devices) {
    if (device.primary == nullptr) continue;
    for (Stream* stream : device.primary->streams) {
      if (stream->capture.get() == &capture) streams.push_back(stream);
    }
  }
  return streams;
}

// Whether all that other streams captured comes before what the origin captures next.
bool joined(const Capture& capture) {
  std::vector<Node*> reached = capture.origin->tail;
  for (size_t i = 0; i < reached.size(); i++) merge(reached, reached[i]->after);
  for (Stream* stream : streams_of(capture)) {
    for (Node* node : stream->tail) {
      if (std::find(reached.begin(), reached.end(), node) == reached.end()) return false;
    }
  }
  return true;
}

void end(Capture& capture) {
  for (Stream* stream : streams_of(capture)) {
    stream->tail.clear();
    stream->capture.reset();  // the caller holds the capture
  }
  capture.ended = true;
}

void refuse_invalid(const Capture& capture) {
  require(!capture.invalid, CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "an earlier call invalidated the capture");
}

CUstreamCaptureStatus status_of(const Stream& stream) {
  if (!stream.capture) return CU_STREAM_CAPTURE_STATUS_NONE;
  return stream.capture->invalid ? CU_STREAM_CAPTURE_STATUS_INVALIDATED : CU_STREAM_CAPTURE_STATUS_ACTIVE;
}

bool blocking_capture(const Context& context) {
  return std::any_of(context.streams.begin(), context.streams.end(), [](const Stream* stream) {
    return stream->capture && !(stream->flags & CU_STREAM_NON_BLOCKING);
  });
}

}  // namespace

void record(Stream& stream, Work work) {
  refuse_invalid(*stream.capture);
  stream.tail = {&add_node(*stream.capture->graph, std::move(work), stream.tail)};
}

void invalidate(Capture& capture) { capture.invalid = true; }

bool capturing(const Event& event) { return event.capture && !event.capture->ended; }

void fork(const Stream& stream, Event& event) {
  refuse_invalid(*stream.capture);
  event.moment.reset();
  event.capture = stream.capture;
  event.captured = stream.tail;
}

void join(Stream& stream, Event& event) {
  if (stream.capture) refuse_invalid(*stream.capture);
  if (!capturing(event)) {
    invalidate(*stream.capture);
    refuse(CUDA_ERROR_STREAM_CAPTURE_ISOLATION, "a captured stream waits for an event from outside its capture");
  }
  refuse_invalid(*event.capture);
  if (!stream.capture) {
    if (&stream == stream.context->legacy) {
      invalidate(*event.capture);
      refuse(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream cannot join a capture");
    }
    stream.capture = event.capture;
    stream.tail = event.captured;
    return;
  }
  if (stream.capture != event.capture) {
    invalidate(*stream.capture);
    invalidate(*event.capture);
    refuse(CUDA_ERROR_STREAM_CAPTURE_MERGE, "the event belongs to another capture");
  }
  merge(stream.tail, event.captured);
}

void refuse_while_capturing(const char* why) {
  auto& captures = driver().captures;
  if (captures.empty() || thread_mode == CU_STREAM_CAPTURE_MODE_RELAXED) return;
  bool forbidden = false;
  for (auto& weak : captures) {
    auto capture = weak.lock();
    if (!capture || capture->ended) continue;
    bool mine = capture->thread == std::this_thread::get_id();
    bool global = capture->mode == CU_STREAM_CAPTURE_MODE_GLOBAL && thread_mode == CU_STREAM_CAPTURE_MODE_GLOBAL;
    if (global || (mine && capture->mode != CU_STREAM_CAPTURE_MODE_RELAXED)) {
      invalidate(*capture);
      forbidden = true;
    }
  }
  require(!forbidden, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, why);
}

void refuse_captured(const Stream& stream) {
  if (stream.capture) {
    invalidate(*stream.capture);
    refuse(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a stream that captures cannot be waited for");
  }
  if (&stream == stream.context->legacy) refuse_implicit(*stream.context);
  refuse_while_capturing("a stream is waited for while another captures");
}

void refuse_captured(const Context& context) {
  bool found = false;
  for (Stream* stream : context.streams) {
    if (!stream->capture) continue;
    invalidate(*stream->capture);
    found = true;
  }
  require(!found, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "a stream of the context captures");
  refuse_while_capturing("a context is waited for while a stream captures");
}

void refuse_implicit(const Context& context) {
  if (driver().captures.empty() || !blocking_capture(context)) return;
  for (Stream* stream : context.streams) {
    if (stream->capture && !(stream->flags & CU_STREAM_NON_BLOCKING)) invalidate(*stream->capture);
  }
  refuse(CUDA_ERROR_STREAM_CAPTURE_IMPLICIT, "the legacy stream would wait for a blocking stream that captures");
}

}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
  return inside(__func__, [&](Context& context) {
    Stream& stream = stream_of(context, handle);
    require(mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && mode <= CU_STREAM_CAPTURE_MODE_RELAXED,
            CUDA_ERROR_INVALID_VALUE, "no such mode");
    require(&stream != context.legacy, CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "the legacy stream cannot capture");
    require(!stream.capture, CUDA_ERROR_ILLEGAL_STATE, "the stream captures already");
    Graph& graph = adopt(std::make_unique<Graph>(), &context);
    stream.capture = std::make_shared<Capture>(
        Capture{driver().next_capture++, &graph, mode, &stream, std::this_thread::get_id()});
    stream.tail.clear();
    auto& captures = driver().captures;
    captures.erase(std::remove_if(captures.begin(), captures.end(), [](auto& each) { return each.expired(); }),
                   captures.end());
    captures.push_back(stream.capture);
  });
}

CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph) {
  return releasing(__func__, [&](Context& context) {
    require(graph != nullptr, CUDA_ERROR_INVALID_VALUE, "graph is null");
    *graph = nullptr;
    Stream& stream = stream_of(context, handle);
    require(stream.capture != nullptr, CUDA_ERROR_ILLEGAL_STATE, "the stream does not capture");
    std::shared_ptr<Capture> capture = stream.capture;
    require(capture->origin == &stream, CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "the capture began in another stream");
    bool elsewhere = capture->thread != std::this_thread::get_id();
    require(!elsewhere || capture->mode == CU_STREAM_CAPTURE_MODE_RELAXED, CUDA_ERROR_STREAM_CAPTURE_WRONG_THREAD,
            "the capture began in another thread");
    bool whole = joined(*capture), lost = driver().failing;
    end(*capture);
    if (capture->invalid || !whole || lost) destroy(*capture->graph);
    refuse_invalid(*capture);
    require(whole, CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "a stream that joined the capture was not joined back");
    if (!lost) *graph = capture->graph->as<CUgraph>();
  });
}

CUresult cuStreamIsCapturing(CUstream handle, CUstreamCaptureStatus* status) {
  return inside(__func__, [&](Context& context) {
    require(status != nullptr, CUDA_ERROR_INVALID_VALUE, "status is null");
    Stream& stream = stream_of(context, handle);
    require(&stream != context.legacy || !blocking_capture(context), CUDA_ERROR_STREAM_CAPTURE_IMPLICIT,
            "a blocking stream captures");
    *status = status_of(stream);
  });
}

CUresult cuStreamGetCaptureInfo_v2(CUstream handle, CUstreamCaptureStatus* status, cuuint64_t* id, CUgraph* graph,
                                   const CUgraphNode** after, size_t* count) {
  return inside(__func__, [&](Context& context) {
    static thread_local std::vector<CUgraphNode> nodes;
    require(status != nullptr, CUDA_ERROR_INVALID_VALUE, "status is null");
    Stream& stream = stream_of(context, handle);
    *status = status_of(stream);
    if (*status != CU_STREAM_CAPTURE_STATUS_ACTIVE) return;
    nodes.clear();
    for (Node* node : stream.tail) nodes.push_back(node->as<CUgraphNode>());
    if (id) *id = stream.capture->id;
    if (graph) *graph = stream.capture->graph->as<CUgraph>();
    if (after) *after = nodes.data();
    if (count) *count = nodes.size();
  });
}

CUresult cuThreadExchangeStreamCaptureMode(CUstreamCaptureMode* mode) {
  return outside(__func__, [&] {
    require(mode && *mode >= CU_STREAM_CAPTURE_MODE_GLOBAL && *mode <= CU_STREAM_CAPTURE_MODE_RELAXED,
            CUDA_ERROR_INVALID_VALUE, "no such mode");
    std::swap(thread_mode, *mode);
  });
}
