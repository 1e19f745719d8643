// softcuda as the fakes use it: contexts, streams, captures, allocations, and work in a stream.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace softcudnn {

// The calling thread's context, or null.
void* current_context();

// Whether a stream is one of the current context, and whether it captures.
bool is_stream(void* stream);
bool captures(void* stream);

// Waits for all work of the current context.
void synchronize();

// The device's compute capability: 80 is 8.0.
int compute_capability();

// Where the allocation that holds an address begins and how long it is; false where there is none.
bool allocation(uint64_t address, uint64_t* base, uint64_t* bytes);

// Work on device memory that a stream or a graph runs. It must hold all it needs.
struct Work {
  std::string name;
  virtual ~Work() = default;
  virtual void run() = 0;
};

// Puts work into a stream or its capture; returns a CUresult.
int enqueue(void* stream, std::unique_ptr<Work> work);

// For work while it runs: host addresses of device bytes, checked; null where it must return (softcuda.h).
const void* device_read(uint64_t address, uint64_t bytes, const char* what);
void* device_write(uint64_t address, uint64_t bytes, const char* what);

// Fills device bytes with rubbish that counts as never written.
void scribble(uint64_t address, uint64_t bytes, const char* what);

}  // namespace softcudnn
