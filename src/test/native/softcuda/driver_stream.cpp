// Streams and events. Work is queued with a sequence number and runs when something waits for it: that is
// the latest moment the API allows, so that a client that reads or reuses a buffer too early sees it.
#include <algorithm>
#include <cstdio>

#include "driver.hpp"

namespace softcuda::front {
namespace {

constexpr size_t longest_queue = 4096;  // a card's own queue holds about a thousand launches

void push(Stream& stream, Work work) {
  stream.queue.emplace_back(++stream.queued, std::move(work));
  stream.asked = false;
}

std::shared_ptr<Moment> now(Stream& stream) {
  auto moment = std::make_shared<Moment>();
  moment->stream = &stream;
  moment->sequence = stream.queued + 1;
  return moment;
}

// The legacy stream waits for all work of the blocking streams, and they for its.
void order_with_legacy(Stream& stream) {
  Context& context = *stream.context;
  Stream& legacy = *context.legacy;
  if (&stream == &legacy) {
    for (Stream* each : context.streams) {
      if (each == &legacy || (each->flags & CU_STREAM_NON_BLOCKING) || each->queue.empty()) continue;
      auto moment = now(*each);
      push(*each, Record{moment});
      push(legacy, Wait{moment});
    }
  } else if (!(stream.flags & CU_STREAM_NON_BLOCKING) && !legacy.queue.empty() &&
             stream.legacy_seen < legacy.queued) {
    auto moment = now(legacy);
    push(legacy, Record{moment});
    push(stream, Wait{moment});
    stream.legacy_seen = legacy.queued;
  }
}

struct Runner {
  Context& context;
  void operator()(const Kernel& kernel) const {
    if (kernel.module->unloaded) {
      throw Fault{CUDA_ERROR_LAUNCH_FAILED, kernel.launch.function->name + ": its module was unloaded before it ran"};
    }
    driver().kernels++;
    run(kernel.launch, *driver().memory, driver().options.engine);
  }
  void operator()(const Copy& copy) const { run_copy(copy); }
  void operator()(const Fill& fill) const { run_fill(fill); }
  void operator()(const HostCall& host) const {
    driver().in_callback = true;
    host.function(host.data);
    driver().in_callback = false;
  }
  void operator()(const Record& record) const {
    record.moment->done = true;
    record.moment->time = std::chrono::steady_clock::now();
  }
  void operator()(const Wait&) const {}  // drain() has seen to it
  void operator()(const Replay& replay) const { front::replay(context, *replay.plan); }
  void operator()(const Guest& guest) const {
    driver().kernels++;
    run_guest(guest);
  }
  void operator()(const Nothing&) const {}
};

Event& event_of(CUevent event) { return resolve<Event>(event); }

void refuse_captured_event(Event& event) {
  if (!event.capture) return;
  if (!event.capture->ended) invalidate(*event.capture);
  refuse(CUDA_ERROR_CAPTURED_EVENT, "the event was last recorded in a capturing stream");
}

void make_stream(Context& context, CUstream* handle, unsigned flags, int priority) {
  require(handle != nullptr, CUDA_ERROR_INVALID_VALUE, "stream is null");
  require((flags & ~CU_STREAM_NON_BLOCKING) == 0, CUDA_ERROR_INVALID_VALUE, "unknown flags");
  Stream& stream = adopt(std::make_unique<Stream>(), &context);
  stream.flags = flags;
  stream.priority = std::clamp(priority, -5, 0);
  context.streams.push_back(&stream);
  *handle = stream.as<CUstream>();
}

}  // namespace

Stream& stream_of(Context& context, CUstream handle) {
  if (handle == nullptr || handle == CU_STREAM_LEGACY) return *context.legacy;
  require(handle != CU_STREAM_PER_THREAD, CUDA_ERROR_NOT_SUPPORTED, "softcuda has no per-thread streams");
  Stream& stream = resolve<Stream>(handle);
  require(stream.context == &context, CUDA_ERROR_INVALID_HANDLE, "the stream belongs to another context");
  return stream;
}

void submit(Stream& stream, Work work) {
  if (stream.capture) return record(stream, std::move(work));
  Context& context = *stream.context;
  if (&stream == context.legacy) refuse_implicit(context);
  order_with_legacy(stream);
  push(stream, std::move(work));
  if (!driver().options.eager && stream.queue.size() < longest_queue) return;
  try {
    drain(stream);
  } catch (const Refusal&) {
    // as on a card the queuing call succeeded, and the next one answers with the fault
  }
}

void execute(Context& context, const Work& work) {
  try {
    std::visit(Runner{context}, work);
  } catch (const Fault& fault) {
    poison(context, fault);
    refuse(context.sticky, fault.message);
  }
}

void poison(Context& context, const Fault& fault) {
  Driver& d = driver();
  if (d.fault.empty()) {
    d.fault = fault.message;
    std::fprintf(stderr, "softcuda: %s\n", fault.message.c_str());
  }
  if (context.sticky == CUDA_SUCCESS) context.sticky = static_cast<CUresult>(fault.code);
  for (Stream* stream : context.streams) {
    for (auto& [sequence, work] : stream->queue) {
      if (auto* record = std::get_if<Record>(&work)) record->moment->done = true;  // others need not wait
    }
    stream->queue.clear();
  }
}

void drain(Stream& stream, uint64_t sequence) {
  const auto pending = [](const Stream& of, uint64_t up_to) {
    return !of.queue.empty() && of.queue.front().first <= up_to;
  };
  std::vector<std::pair<Stream*, uint64_t>> wanted = {{&stream, sequence}};  // each waits for the next
  while (!wanted.empty()) {
    auto [now, up_to] = wanted.back();
    if (!pending(*now, up_to)) {
      wanted.pop_back();
      continue;
    }
    Work& next = now->queue.front().second;
    auto* wait = std::get_if<Wait>(&next);
    if (wait && !wait->moment->done && pending(*wait->moment->stream, wait->moment->sequence)) {
      wanted.emplace_back(wait->moment->stream, wait->moment->sequence);
      continue;
    }
    Work work = std::move(next);
    now->queue.pop_front();
    execute(*now->context, work);
  }
}

void drain(Stream& stream) { drain(stream, stream.queued); }

void drain(Context& context) {
  for (Stream* stream : context.streams) drain(*stream);
}

void settle(Context& context) {
  try {
    drain(context);
  } catch (const Refusal&) {
    // printed, and kept by the context
  }
}

}  // namespace softcuda::front

using namespace softcuda::front;

CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
  return inside(__func__, [&](Context& context) { make_stream(context, stream, flags, 0); });
}

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int priority) {
  return inside(__func__, [&](Context& context) { make_stream(context, stream, flags, priority); });
}

CUresult cuStreamDestroy_v2(CUstream handle) {
  return releasing(__func__, [&](Context&) {
    require(handle != nullptr && handle != CU_STREAM_LEGACY, CUDA_ERROR_INVALID_HANDLE, "not the default stream");
    Stream& stream = resolve<Stream>(handle);
    if (stream.capture) invalidate(*stream.capture);
    if (stream.capture && stream.capture->origin == &stream) stream.capture->ended = true;
    settle(*stream.context);
    auto& streams = stream.context->streams;
    streams.erase(std::find(streams.begin(), streams.end(), &stream));
    forget(stream);
  });
}

CUresult cuStreamSynchronize(CUstream handle) {
  return inside(__func__, [&](Context& context) {
    Stream& stream = stream_of(context, handle);
    refuse_captured(stream);
    if (&stream == context.legacy) order_with_legacy(stream);
    drain(stream);
  });
}

CUresult cuStreamQuery(CUstream handle) {
  return inside(__func__, [&](Context& context) {
    Stream& stream = stream_of(context, handle);
    refuse_captured(stream);
    if (&stream == context.legacy) order_with_legacy(stream);
    if (stream.queue.empty()) return;
    if (!stream.asked) {
      stream.asked = true;
      refuse(CUDA_ERROR_NOT_READY, "work is queued; the next query runs it");
    }
    drain(stream);
  });
}

CUresult cuStreamWaitEvent(CUstream handle, CUevent which, unsigned flags) {
  return inside(__func__, [&](Context& context) {
    require(flags == CU_EVENT_WAIT_DEFAULT, CUDA_ERROR_INVALID_VALUE, "flags must be 0");
    Stream& stream = stream_of(context, handle);
    Event& event = event_of(which);
    if (stream.capture || capturing(event)) return join(stream, event);
    require(!event.capture, CUDA_ERROR_CAPTURED_EVENT, "the event was last recorded in a capture that has ended");
    if (event.moment && !event.moment->done) submit(stream, Wait{event.moment});
  });
}

CUresult cuLaunchHostFunc(CUstream handle, CUhostFn function, void* data) {
  return inside(__func__, [&](Context& context) {
    require(function != nullptr, CUDA_ERROR_INVALID_VALUE, "function is null");
    submit(stream_of(context, handle), HostCall{function, data});
  });
}

CUresult cuEventCreate(CUevent* handle, unsigned flags) {
  return inside(__func__, [&](Context& context) {
    constexpr unsigned known = CU_EVENT_BLOCKING_SYNC | CU_EVENT_DISABLE_TIMING;
    require(handle != nullptr, CUDA_ERROR_INVALID_VALUE, "event is null");
    require((flags & ~known) == 0, CUDA_ERROR_INVALID_VALUE, "unknown flags");
    Event& event = adopt(std::make_unique<Event>(), &context);
    event.flags = flags;
    *handle = event.as<CUevent>();
  });
}

CUresult cuEventRecord(CUevent which, CUstream handle) {
  return inside(__func__, [&](Context& context) {
    Event& event = event_of(which);
    require(event.context == &context, CUDA_ERROR_INVALID_HANDLE, "the event belongs to another context");
    Stream& stream = stream_of(context, handle);
    if (stream.capture) return fork(stream, event);
    event.capture.reset();
    event.captured.clear();
    event.moment = now(stream);
    auto moment = event.moment;
    submit(stream, Record{moment});
    moment->sequence = stream.queued;
  });
}

CUresult cuEventQuery(CUevent which) {
  return inside(__func__, [&](Context&) {
    Event& event = event_of(which);
    refuse_captured_event(event);
    refuse_while_capturing("an event is queried");
    if (!event.moment || event.moment->done) return;
    Stream& stream = *event.moment->stream;
    if (!stream.asked) {
      stream.asked = true;
      refuse(CUDA_ERROR_NOT_READY, "work is queued; the next query runs it");
    }
    drain(stream, event.moment->sequence);
  });
}

CUresult cuEventSynchronize(CUevent which) {
  return inside(__func__, [&](Context&) {
    Event& event = event_of(which);
    refuse_captured_event(event);
    refuse_while_capturing("an event is waited for");
    if (event.moment && !event.moment->done) drain(*event.moment->stream, event.moment->sequence);
  });
}

CUresult cuEventElapsedTime(float* milliseconds, CUevent first, CUevent second) {
  return inside(__func__, [&](Context&) {
    require(milliseconds != nullptr, CUDA_ERROR_INVALID_VALUE, "milliseconds is null");
    Event *start = &event_of(first), *end = &event_of(second);
    for (Event* event : {start, end}) {
      refuse_captured_event(*event);
      require(!(event->flags & CU_EVENT_DISABLE_TIMING), CUDA_ERROR_INVALID_HANDLE, "the event has no timing");
      require(event->moment != nullptr, CUDA_ERROR_INVALID_HANDLE, "the event was not recorded");
    }
    require(start->moment->done && end->moment->done, CUDA_ERROR_NOT_READY, "the events were not waited for");
    std::chrono::duration<float, std::milli> passed = end->moment->time - start->moment->time;
    *milliseconds = passed.count();
  });
}

CUresult cuEventDestroy_v2(CUevent which) {
  return releasing(__func__, [&](Context&) { forget(event_of(which)); });
}
