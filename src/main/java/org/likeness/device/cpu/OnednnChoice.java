package org.likeness.device.cpu;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * Chooses among oneDNN's implementations, which come fastest first: the first that is made for the
 * processor and fits under the workspace ceiling. The reference implementations, a hundred times
 * slower, are taken only where there is nothing else.
 */
record OnednnChoice(OnednnEngine engine, String operation, long ceiling) {
  static final String REFERENCE = "ref";

  /** Puts an operation together for weights of a given layout. */
  interface Recipe {
    /** Adds the steps with the {@code skip}-th implementation; false when there is none. */
    boolean build(OnednnAssembly assembly, MemorySegment weights, int skip);
  }

  /** Tries the layouts in order. */
  OnednnOperation among(List<MemorySegment> layouts, Recipe recipe) {
    Optional<OnednnOperation> reference = Optional.empty();
    long least = Long.MAX_VALUE;
    for (MemorySegment weights : layouts) {
      int skip = 0;
      Optional<OnednnOperation> found = attempt(weights, skip, recipe);
      while (found.isPresent()) {
        OnednnOperation candidate = found.get();
        if (candidate.implementation().contains(REFERENCE)) {
          reference = reference.or(() -> Optional.of(candidate));
        } else if (candidate.scratchpadBytes() <= ceiling) {
          reference.ifPresent(OnednnOperation::close);
          return candidate;
        } else {
          least = Math.min(least, candidate.scratchpadBytes());
        }
        if (reference.orElse(null) != candidate) {
          candidate.close();
        }
        found = attempt(weights, ++skip, recipe);
      }
    }
    if (least == Long.MAX_VALUE) {
      return reference.orElseThrow(
          () -> new OnednnException(operation + ": oneDNN has no implementation"));
    }
    reference.ifPresent(OnednnOperation::close);
    throw new OnednnWorkspaceException(operation, least, ceiling);
  }

  private Optional<OnednnOperation> attempt(MemorySegment weights, int skip, Recipe recipe) {
    OnednnAssembly assembly = new OnednnAssembly(engine);
    boolean built = false;
    try {
      built = recipe.build(assembly, weights, skip);
      return built ? Optional.of(assembly.finish()) : Optional.empty();
    } finally {
      if (!built) {
        assembly.arena().close();
      }
    }
  }
}
