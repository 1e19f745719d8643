// Not there yet: these opcodes are named and refused.
#include "decoder.hpp"

namespace softcuda {

bool decode_async(Decoder&, const Statement&, Opcode&) { return false; }

}  // namespace softcuda
