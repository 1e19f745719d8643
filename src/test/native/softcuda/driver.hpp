// The state behind softcuda's driver API: what a handle stands for, what a stream has queued, what a
// capture has recorded. One lock guards all of it.
#pragma once

#include <cuda.h>

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine.hpp"

namespace softcuda::front {

// Why a call is not done: what the caller gets, and the reason for whoever reads the trace.
struct Refusal {
  CUresult code;
  std::string why;
};

[[noreturn]] void refuse(CUresult code, std::string why);

inline void require(bool holds, CUresult code, const char* why) {
  if (__builtin_expect(!holds, 0)) refuse(code, why);
}

// What the device claims to be (softcuda.h).
struct Options {
  int devices = 1, cc = 80, driver = 12040, init = 0;
  std::string name = "softcuda";
  size_t memory = size_t{2} << 30, used = 0;
  bool eager = false, trace = false, accept = false;
  int64_t fail = 0;
  int failcode = CUDA_ERROR_UNKNOWN;
  std::string failin;  // the function whose calls count; empty: all
  std::string registers;
  Settings engine;
};

// The limits of one architecture, of the card named beside it.
struct Architecture {
  int cc, multiprocessors, threads, blocks;  // the last two per multiprocessor
  size_t shared, optin, reserved;            // bytes per multiprocessor; per block; lost per block
  int clock, memory_clock, bus;              // kHz, kHz, bits
  size_t l2;
};

const Architecture& architecture();

struct Context;

// Whatever a handle stands for. Handles are numbers that are never used twice, so a stale one is seen.
struct Object {
  virtual ~Object() = default;
  Context* context = nullptr;
  uint64_t handle = 0;
  const char* made = "";  // by which function

  template <class Handle>
  Handle as() const {
    return reinterpret_cast<Handle>(handle);
  }
};

// A point in a stream. `done` once all before it has run; then `time` is when.
struct Moment {
  struct Stream* stream;
  uint64_t sequence;
  bool done = false;
  std::chrono::steady_clock::time_point time;
};

struct LoadedModule {
  std::shared_ptr<const Module> code;
  bool unloaded = false;
};

// Work of a stream or a graph node.
struct Kernel {
  Launch launch;
  std::shared_ptr<LoadedModule> module;
};
struct Copy {
  const char* call;
  uint64_t to = 0, from = 0;  // device addresses, where the host's are null
  void* to_host = nullptr;
  const void* from_host = nullptr;
  size_t bytes = 0;
};
struct Fill {
  uint64_t address;
  uint32_t value;
  int width;  // bytes of the value: 1 or 4
  size_t count;
};
struct HostCall {
  CUhostFn function;
  void* data;
};
struct Record {
  std::shared_ptr<Moment> moment;
};
struct Wait {
  std::shared_ptr<Moment> moment;
};
struct Replay {
  std::shared_ptr<const struct Plan> plan;
};
// Of another library (softcuda_enqueue); shared by the nodes of graphs and their copies.
struct Guest {
  std::string name;
  void (*run)(void*);
  std::shared_ptr<void> data;
};
struct Nothing {};
using Work = std::variant<Kernel, Copy, Fill, HostCall, Record, Wait, Replay, Guest, Nothing>;

struct Node : Object {
  Work work;
  std::vector<Node*> after;  // what must have run
  struct Graph* graph = nullptr;
};

struct Graph : Object {
  std::vector<Node*> nodes;  // in the order in which they were added
};

// What an executable graph runs: the nodes of its source, and an order that their edges allow.
struct Plan {
  struct Step {
    uint64_t node;  // the handle in the source graph
    Work work;
    std::vector<size_t> after;
  };
  std::vector<Step> steps;
  std::vector<size_t> order;
};

struct Executable : Object {
  std::shared_ptr<Plan> plan;
  std::shared_ptr<Moment> last;  // of its newest launch: launches of one executable do not overlap
};

// A capture under way, shared by the streams that have joined it.
struct Capture {
  uint64_t id;
  Graph* graph;
  CUstreamCaptureMode mode;
  Stream* origin;
  std::thread::id thread;
  bool invalid = false, ended = false;
};

struct Stream : Object {
  unsigned flags = 0;
  int priority = 0;
  std::deque<std::pair<uint64_t, Work>> queue;
  uint64_t queued = 0;       // sequence number of the newest work
  uint64_t legacy_seen = 0;  // of the legacy stream's work, up to here waits for it are queued
  bool asked = false;        // a query has answered "not ready" since work was queued
  std::shared_ptr<Capture> capture;
  std::vector<Node*> tail;  // what the next captured node comes after
};

struct Event : Object {
  unsigned flags = 0;
  std::shared_ptr<Moment> moment;    // of the last record, or null
  std::shared_ptr<Capture> capture;  // where the last record was captured
  std::vector<Node*> captured;
};

struct ModuleObject : Object {
  std::shared_ptr<LoadedModule> module;
  std::map<std::string, struct FunctionObject*> functions;
};

struct FunctionObject : Object {
  const Function* code = nullptr;
  std::shared_ptr<LoadedModule> module;
  int registers = 32;
  size_t max_dynamic = 0;
  int carveout = -1;
};

struct Device {
  int ordinal = 0;
  Context* primary = nullptr;
  unsigned flags = 0;
  size_t allocated = 0;
};

struct Context : Object {
  Device* device = nullptr;
  int retained = 0;
  CUresult sticky = CUDA_SUCCESS;
  Stream* legacy = nullptr;
  std::vector<Stream*> streams;  // the legacy stream first
  std::vector<Context*> peers;
};

// Memory that a client holds.
struct Holding {
  enum class Kind { device, pinned, reserved } kind;
  size_t bytes;
  Context* context;
  const char* made;
  uint64_t device;  // its device address; 0 for host memory that is only registered
};

// Physical memory of the virtual memory API, and where it is mapped.
struct Physical : Object {
  int device = 0;
  size_t bytes = 0;
  bool released = false;
  uint64_t mapped = 0;
};
struct Mapping {
  size_t bytes;
  Physical* physical;
  bool accessible;
};

struct Driver {
  std::recursive_mutex lock;
  bool initialised = false, configured = false;
  Options options;
  std::unique_ptr<Memory> memory;
  std::vector<Device> devices;
  std::unordered_map<uint64_t, std::unique_ptr<Object>> objects;
  std::map<uint64_t, Holding> held;      // by device address
  std::map<uint64_t, Holding> pinned;    // by host address
  std::map<uint64_t, Mapping> mappings;  // by device address
  std::vector<std::weak_ptr<Capture>> captures;
  uint64_t next_handle = 0x5c0000000000, next_capture = 1;
  int64_t calls = 0, kernels = 0;
  const char* now = "";     // the function being called
  bool in_callback = false;
  bool failing = false;      // the call is to fail, though it releases what it must
  size_t peak = 0;
  std::string left, fault, refusal;  // texts of softcuda_live_objects, _last_fault, _last_refusal
};

Driver& driver();

// Starts again with these settings over the environment's; throws Refusal.
void configure(const std::string& settings);

// The calling thread's current context, or null.
Context* current();
void set_current(std::vector<uint64_t> stack);
const std::vector<uint64_t>& current_stack();

// Takes an object into the registry and gives it its handle.
template <class T>
T& adopt(std::unique_ptr<T> object, Context* context);
void adopt_object(std::unique_ptr<Object> object, Context* context);
void forget(Object& object);

template <class T>
T& adopt(std::unique_ptr<T> object, Context* context) {
  T& kept = *object;
  adopt_object(std::move(object), context);
  return kept;
}

// The object of a handle; refused when it is not one, no more one, or of another kind.
template <class T>
T& resolve(uint64_t handle, CUresult code = CUDA_ERROR_INVALID_HANDLE) {
  auto& objects = driver().objects;
  auto found = objects.find(handle);
  T* object = found == objects.end() ? nullptr : dynamic_cast<T*>(found->second.get());
  require(object != nullptr, code, "the handle is none, of another kind, or destroyed");
  return *object;
}

template <class T, class Handle>
T& resolve(Handle* handle, CUresult code = CUDA_ERROR_INVALID_HANDLE) {
  return resolve<T>(reinterpret_cast<uint64_t>(handle), code);
}

// Streams (driver_stream.cpp).
Stream& stream_of(Context& context, CUstream handle);
void submit(Stream& stream, Work work);
void drain(Stream& stream, uint64_t sequence);
void drain(Stream& stream);
void drain(Context& context);
void settle(Context& context);  // drains; a fault stays in the context
void execute(Context& context, const Work& work);
void poison(Context& context, const Fault& fault);

// Captures (driver_capture.cpp).
void record(Stream& stream, Work work);
void invalidate(Capture& capture);
bool capturing(const Event& event);
void join(Stream& stream, Event& event);        // cuStreamWaitEvent where one of the two captures
void fork(const Stream& stream, Event& event);  // cuEventRecord in a stream that captures
// Refuses what a capture would not see and so could break, while one forbids it to this thread.
void refuse_while_capturing(const char* why);
void refuse_captured(const Stream& stream);     // waits for a stream
void refuse_captured(const Context& context);   // waits for all streams
void refuse_implicit(const Context& context);   // uses the legacy stream

// Graphs (driver_graph.cpp).
Node& add_node(Graph& graph, Work work, std::vector<Node*> after);
void destroy(Graph& graph);
void replay(Context& context, const Plan& plan);

// Kernels (driver_module.cpp, driver_launch.cpp).
Kernel kernel(FunctionObject& function, Dim3 grid, Dim3 block, size_t shared, void** parameters, void** extra);
int blocks_per_multiprocessor(const FunctionObject& function, int threads, size_t dynamic_shared);

// Copies (driver_copy.cpp).
void run_copy(const Copy& copy);
void run_fill(const Fill& fill);

// Work of other libraries (driver_guest.cpp).
void run_guest(const Guest& guest);

// Memory (driver_memory.cpp).
uint8_t* bytes_at(uint64_t address, size_t bytes);  // refused where a client may not copy
const Holding* pinned_at(const void* host, size_t bytes);
void release_memory(const Context& context);

// What lives in a context, or in all, and should have been released: a line each (softcuda.cpp).
std::string live(const Context* context);

// Where calls of one function are counted; stays where it is.
int64_t& counter(const char* function);

// Counts a call and says with which status softcuda_fail wants it to fail, usually none.
CUresult begin(const char* function, int64_t& count);

// Keeps the reason of a refusal, prints it where asked, and returns its status.
CUresult refused(const char* function, const Refusal& refusal);

// What a launch costs at the least: the parameters of a kernel read, nothing queued (launch_cost.cpp).
CUresult accept(CUfunction function, void** parameters);

// Remembers a status that stays (700, 719...) in the context.
void stick(Context* context, CUresult code);

enum class Needs { nothing, initialised, context };

// One driver call: counted, failed where a test asks for it, done under the lock, its refusal turned into
// a status. A call that releases something does so even when it fails or the context is lost. Every
// function passes a lambda of its own, so that the counter's name is looked up once per function.
template <Needs needs, bool releases, class Body>
CUresult call(const char* function, Body body) {
  static int64_t& count = counter(function);
  std::lock_guard guard(driver().lock);
  try {
    CUresult injected = begin(function, count);
    Context* context = nullptr;
    if constexpr (needs != Needs::nothing) {
      require(driver().initialised, CUDA_ERROR_NOT_INITIALIZED, "cuInit was not called");
    }
    if constexpr (needs == Needs::context) {
      context = current();
      require(context != nullptr, CUDA_ERROR_INVALID_CONTEXT, "the thread has no current context");
      if (injected != CUDA_SUCCESS) stick(context, injected);
      if (injected == CUDA_SUCCESS) injected = context->sticky;
    }
    if (injected != CUDA_SUCCESS && !releases) return injected;
    driver().failing = injected != CUDA_SUCCESS;
    if constexpr (needs == Needs::context) {
      body(*context);
      if (injected == CUDA_SUCCESS && releases) injected = context->sticky;
    } else {
      body();
    }
    return injected;
  } catch (const Refusal& refusal) {
    return refused(function, refusal);
  } catch (const std::bad_alloc&) {
    return refused(function, {CUDA_ERROR_OUT_OF_MEMORY, "the host has no memory left"});
  }
}

// Calls that need a current context, cuInit alone, or give something back.
template <class Body>
CUresult inside(const char* function, Body body) {
  return call<Needs::context, false>(function, body);
}
template <class Body>
CUresult outside(const char* function, Body body) {
  return call<Needs::initialised, false>(function, body);
}
template <class Body>
CUresult releasing(const char* function, Body body) {
  return call<Needs::context, true>(function, body);
}

}  // namespace softcuda::front
