package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.likeness.device.cpu.OnednnOperation.Argument;
import org.likeness.device.cpu.OnednnOperation.Place;
import org.likeness.device.cpu.OnednnOperation.Step;

/** An operation while it is put together; its arena owns all descriptors. */
final class OnednnAssembly {
  static final int SRC = 1;
  static final int DST = 17;
  static final int WEIGHTS = 33;
  static final int BIAS = 41;
  static final int DIFF_SRC = 129;
  static final int DIFF_DST = 145;
  static final int DIFF_WEIGHTS = 161;
  static final int DIFF_BIAS = 169;
  private static final int SCRATCHPAD = 80;
  private static final int POST_OP = 1 << 15;
  private static final int SRC_1 = 2;
  private static final long ALIGNMENT = 64;

  private final OnednnEngine engine;
  private final Arena arena = Arena.ofShared();
  private final List<Step> steps = new ArrayList<>();
  private long reserved;

  OnednnAssembly(OnednnEngine engine) {
    this.engine = engine;
  }

  Arena arena() {
    return arena;
  }

  static long align(long bytes) {
    return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
  }

  static Argument operand(int kind, MemorySegment desc, int index) {
    return new Argument(kind, desc, new Place.Operand(index));
  }

  /** Returns the argument number of a tensor that the i-th post-op adds. */
  static int postOp(int i) {
    return ((i + 1) * POST_OP) | SRC_1;
  }

  /** Sets a part of the scratchpad aside that all steps see. */
  Place reserve(long bytes) {
    Place place = new Place.Scratch(reserved);
    reserved += align(bytes);
    return place;
  }

  /** Moves a descriptor on by some implementations; empty when there are not so many. */
  Optional<MemorySegment> skip(Optional<MemorySegment> desc, int implementations) {
    for (int i = 0; desc.isPresent() && i < implementations; i++) {
      if (!engine.primitives().next(desc.get())) {
        return Optional.empty();
      }
    }
    return desc;
  }

  void step(MemorySegment desc, List<Argument> arguments) {
    steps.add(new Step(desc, arguments));
  }

  void reorder(MemorySegment from, Place source, MemorySegment to, Place target) {
    MemorySegment attributes = engine.attributes().lentScratchpad(arena);
    step(
        engine.descriptors().reorder(arena, engine.handle(), from, to, attributes),
        List.of(new Argument(SRC, from, source), new Argument(DST, to, target)));
  }

  /** Multiplies a tensor by a constant in place; 1 adds no step. */
  void scale(MemorySegment desc, Place place, double factor) {
    if (factor != 1) {
      MemorySegment attributes = engine.attributes().lentScratchpad(arena);
      step(
          engine.descriptors().scale(arena, engine.handle(), desc, (float) factor, attributes),
          List.of(new Argument(SRC, desc, place), new Argument(DST, desc, place)));
    }
  }

  /** Ends the assembly; what is private to a primitive comes after what was reserved. */
  OnednnOperation finish() {
    List<Step> complete = new ArrayList<>();
    List<String> names = new ArrayList<>();
    long most = 0;
    for (Step step : steps) {
      MemorySegment desc = engine.primitives().memory(step.desc(), OnednnPrimitives.SCRATCHPAD);
      long bytes = engine.memory().bytes(desc);
      List<Argument> arguments = new ArrayList<>(step.arguments());
      if (bytes > 0) {
        arguments.add(new Argument(SCRATCHPAD, desc, new Place.Scratch(reserved)));
      }
      most = Math.max(most, bytes);
      complete.add(new Step(step.desc(), arguments));
      names.add(engine.primitives().implementation(step.desc()));
    }
    return new OnednnOperation(engine, arena, complete, String.join(" + ", names), reserved + most);
  }
}
