package org.likeness.cuda;

import java.lang.foreign.MemorySegment;

/** Where functions are found by the exact names under which a library exports them. */
@FunctionalInterface
interface Symbols {
  MemorySegment address(String function);
}
