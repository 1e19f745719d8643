// Where the time goes, by kernel: printed when the process ends if SOFTCUDA_PROFILE is set.
#pragma once

#include <cstdint>
#include <string>

namespace softcuda {

bool profiling();
void profile(const std::string& kernel, double seconds, uint64_t lane_instructions);

}  // namespace softcuda
