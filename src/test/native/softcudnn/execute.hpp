// Execution of plans.
#pragma once

#include "descriptor.hpp"

namespace softcudnn {

// Puts a plan into the handle's stream.
void execute(const Handle& handle, const Plan& plan, const Pack& pack);

}  // namespace softcudnn
