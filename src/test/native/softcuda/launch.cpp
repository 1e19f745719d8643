// load and run: modules from PTX, grids over all processors.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstring>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "block.hpp"
#include "decoder.hpp"
#include "profile.hpp"

namespace softcuda {

namespace {

// Threads that wait for launches, and their blocks' buffers, kept between launches.
class Workers {
 public:
  static Workers& get() {
    static Workers* workers = new Workers;  // never destroyed: its threads may outlive main
    return *workers;
  }
  // Calls work(0 .. n-1), each on a thread of its own, the caller being the first.
  template <class F>
  void together(unsigned n, F work) {
    std::lock_guard<std::mutex> one_launch(launching_);
    n = std::min<unsigned>(n, unsigned(blocks.size()));
    {
      std::lock_guard<std::mutex> lock(mutex_);
      work_ = work;
      wanted_ = n - 1;
      running_ = n - 1;
      generation_++;
    }
    if (n > 1) wake_.notify_all();
    work(0);
    std::unique_lock<std::mutex> lock(mutex_);
    done_.wait(lock, [&] { return running_ == 0; });
  }
  std::vector<std::unique_ptr<Block>> blocks;

 private:
  std::mutex launching_, mutex_;
  std::condition_variable wake_, done_;
  std::function<void(unsigned)> work_;
  unsigned wanted_ = 0, running_ = 0;
  uint64_t generation_ = 0;

  Workers() {
    unsigned n = std::max(1u, std::thread::hardware_concurrency());
    for (unsigned k = 0; k < n; k++) blocks.push_back(std::make_unique<Block>());
    for (unsigned k = 1; k < n; k++) std::thread([this, k] { serve(k); }).detach();
  }
  void serve(unsigned index) {
    uint64_t seen = 0;
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return generation_ != seen; });
      seen = generation_;
      if (index > wanted_) continue;
      auto work = work_;
      lock.unlock();
      work(index);
      lock.lock();
      if (--running_ == 0) done_.notify_all();
    }
  }
};

// Block indices in an order that depends on the seed: i -> (i * step + shift) mod n, step prime to n.
struct Order {
  uint64_t n, step, shift;
  Order(uint64_t count, Random& random) : n(count), step(1), shift(0) {
    if (n <= 2) return;
    shift = random.next() % n;
    do step = 1 + random.next() % (n - 1);
    while (gcd(step, n) != 1);
  }
  static uint64_t gcd(uint64_t a, uint64_t b) { return b == 0 ? a : gcd(b, a % b); }
  uint64_t operator[](uint64_t k) const { return uint64_t((unsigned __int128)(k)*step % n + shift) % n; }
};

std::atomic<uint64_t> executed_lanes{0};

class LoadedModule : public Module {
 public:
  LoadedModule(Memory& memory) : memory_(memory) {}
  ~LoadedModule() override {
    for (auto& g : globals) memory_.release(g.second.first);
  }

 private:
  Memory& memory_;
};

}  // namespace

std::unique_ptr<Module> load(const char* text, Memory& memory) {
  ptx::File file = ptx::parse(text);
  auto module = std::make_unique<LoadedModule>(memory);
  module->ptx_version = file.version;
  module->target = file.target;
  std::map<std::string_view, uint64_t> globals;
  for (const ptx::Variable& v : file.variables) {
    if (v.space == ptx::Space::shared) continue;
    if (v.external) throw PtxError{218, "extern variable '" + std::string(v.name) + "' is defined nowhere"};
    uint64_t address = memory.allocate(v.bytes, v.align);
    uint8_t* host = memory.host(address, v.bytes);
    memset(host, 0, v.bytes);  // globals without an initial value are zero
    std::copy(v.initial.begin(), v.initial.end(), host);
    memory.mark_written(address, v.bytes, true);
    globals[v.name] = address;
    module->globals[std::string(v.name)] = {address, v.bytes};
  }
  for (const ptx::Body& body : file.bodies) {
    if (!body.entry) continue;
    auto code = std::make_shared<Code>(Decoder(file, globals).decode(body));
    auto function = std::make_unique<Function>();
    function->name = code->name;
    size_t offset = 0;
    for (const ptx::Variable& v : body.parameters) {
      size_t align = std::max<size_t>(1, v.align);
      offset = (offset + align - 1) / align * align;
      function->parameters.push_back({offset, v.bytes});
      offset += v.bytes;
    }
    function->parameter_bytes = offset;
    function->static_shared = code->static_shared;
    function->local_bytes = code->local_bytes;
    function->max_threads = body.max_threads;
    function->module = module.get();
    function->code = code;
    module->functions[function->name] = std::move(function);
  }
  return module;
}

uint64_t lane_instructions() { return executed_lanes; }

void run(const Launch& launch, Memory& memory, const Settings& settings) {
  LaunchState state;
  state.launch = &launch;
  state.settings = &settings;
  state.code = launch.function->code.get();
  uint64_t threads = uint64_t(launch.block.x) * launch.block.y * launch.block.z;
  uint64_t count = uint64_t(launch.grid.x) * launch.grid.y * launch.grid.z;
  if (threads == 0 || threads > uint64_t(launch.function->max_threads) || count == 0)
    throw Fault{1, "kernel " + launch.function->name + ": a grid of " + std::to_string(count) + " blocks of " + std::to_string(threads) + " threads"};
  if (launch.parameters.size() < launch.function->parameter_bytes)
    throw Fault{1, "kernel " + launch.function->name + ": " + std::to_string(launch.parameters.size()) + " bytes of parameters, needs " + std::to_string(launch.function->parameter_bytes)};
  state.allocations = memory.impl->snapshot();
  state.tag = state.code->reads_only ? memory.impl->next_tag() : 1;
  Random random{settings.seed * 0x9e3779b97f4a7c15u + 1};
  Order order(count, random);
  std::mutex mutex;
  std::optional<Fault> first;
  auto begin = std::chrono::steady_clock::now();
  Workers& workers = Workers::get();
  unsigned wanted = settings.threads > 0 ? unsigned(settings.threads) : unsigned(workers.blocks.size());
  wanted = unsigned(std::min<uint64_t>(wanted, count));
  workers.together(wanted, [&](unsigned index) {
    Block& block = *workers.blocks[index];
    try {
      block.prepare(state, settings.seed * 0xd1342543de82ef95u + index);
      for (uint64_t k = state.next_block++; k < count && !state.stopped; k = state.next_block++) {
        uint64_t b = order[k];
        block.random.state = settings.seed * 0xd1342543de82ef95u + b;
        uint64_t row = b / launch.grid.x;
        block.run({uint32_t(b % launch.grid.x), uint32_t(row % launch.grid.y), uint32_t(row / launch.grid.y)});
      }
    } catch (const Fault& fault) {
      std::lock_guard<std::mutex> lock(mutex);
      if (!first) first = fault;
      state.stopped = true;
    } catch (const std::exception& error) {
      std::lock_guard<std::mutex> lock(mutex);
      if (!first) first = Fault{999, "kernel " + launch.function->name + ": " + error.what()};
      state.stopped = true;
    }
  });
  executed_lanes = state.lane_instructions.load();
  if (profiling())
    profile(launch.function->name, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count(), executed_lanes);
  if (first) throw *first;
}

}  // namespace softcuda
