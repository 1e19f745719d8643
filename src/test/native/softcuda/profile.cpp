#include "profile.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

namespace softcuda {

namespace {

struct Entry {
  std::string name;
  uint64_t launches = 0, lane_instructions = 0;
  double seconds = 0;
};

struct Profile {
  std::mutex mutex;
  std::map<std::string, Entry> entries;
  ~Profile() {
    std::vector<Entry> sorted;
    for (auto& e : entries) sorted.push_back(e.second);
    std::sort(sorted.begin(), sorted.end(), [](const Entry& a, const Entry& b) { return a.seconds > b.seconds; });
    if (!sorted.empty()) fprintf(stderr, "%10s %8s %12s  kernel\n", "seconds", "launches", "G lanes/s");
    for (const Entry& e : sorted)
      fprintf(stderr, "%10.3f %8llu %12.2f  %s\n", e.seconds, static_cast<unsigned long long>(e.launches),
              double(e.lane_instructions) / e.seconds / 1e9, e.name.c_str());
  }
};

}  // namespace

bool profiling() {
  static const bool on = getenv("SOFTCUDA_PROFILE") != nullptr;
  return on;
}

void profile(const std::string& kernel, double seconds, uint64_t lane_instructions) {
  static Profile all;
  std::lock_guard<std::mutex> lock(all.mutex);
  Entry& e = all.entries[kernel];
  e.name = kernel;
  e.launches++;
  e.seconds += seconds;
  e.lane_instructions += lane_instructions;
}

}  // namespace softcuda
