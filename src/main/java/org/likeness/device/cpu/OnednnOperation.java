package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.likeness.ffi.C;

/**
 * A few primitives that run one after another, built once and run many times on memory that the
 * caller lends: binding looks nothing up, running allocates nothing. Results are the same bits in
 * every run with the same thread count. One thread at a time may use it.
 */
final class OnednnOperation implements AutoCloseable {
  private static final int ALIGNMENT = 64;
  private static final long ARGUMENT_BYTES = 16;
  private static final long MEMORY_OFFSET = 8;

  /** Where an argument lies. */
  sealed interface Place {
    /** In the caller's operand of that index. */
    record Operand(int index) implements Place {}

    /** That many bytes into the scratchpad that the caller lends. */
    record Scratch(long offset) implements Place {}

    /** In memory that the operation owns. */
    record Constant(MemorySegment memory) implements Place {}
  }

  /** One argument of a primitive: its DNNL_ARG number, memory descriptor and place. */
  record Argument(int kind, MemorySegment desc, Place place) {}

  /** One primitive: its descriptor and arguments. */
  record Step(MemorySegment desc, List<Argument> arguments) {}

  private final OnednnEngine engine;
  private final Arena arena;
  private final List<Step> steps;
  private final String implementation;
  private final long scratchpadBytes;
  private final long[] operandBytes;
  private final List<MemorySegment> primitives = new ArrayList<>();
  private final List<MemorySegment> memories = new ArrayList<>();
  private final List<MemorySegment> arguments = new ArrayList<>();

  /** Takes the arena over, which owns everything that the steps name. */
  OnednnOperation(
      OnednnEngine engine, Arena arena, List<Step> steps, String implementation, long scratchpad) {
    this.engine = engine;
    this.arena = arena;
    this.steps = steps;
    this.implementation = implementation;
    this.scratchpadBytes = scratchpad;
    this.operandBytes = operandBytes(engine, steps);
  }

  private static long[] operandBytes(OnednnEngine engine, List<Step> steps) {
    long[] bytes = new long[0];
    for (Step step : steps) {
      for (Argument a : step.arguments) {
        if (a.place instanceof Place.Operand(int index)) {
          bytes = index < bytes.length ? bytes : Arrays.copyOf(bytes, index + 1);
          bytes[index] = Math.max(bytes[index], engine.memory().bytes(a.desc));
        }
      }
    }
    return bytes;
  }

  /** Returns the bytes of scratchpad to lend. */
  long scratchpadBytes() {
    return scratchpadBytes;
  }

  /** Returns oneDNN's names of what was chosen, such as "reorder + jit:avx512_core". */
  String implementation() {
    return implementation;
  }

  /**
   * Sets the memory of the next runs. Operands come in the order of the method that made the
   * operation; all memory is aligned to 64 bytes and stays valid while the operation runs.
   */
  void bind(MemorySegment scratchpad, MemorySegment... operands) {
    if (operands.length != operandBytes.length) {
      throw new IllegalArgumentException(
          implementation + " takes " + operandBytes.length + " operands, not " + operands.length);
    }
    for (int i = 0; i < operands.length; i++) {
      expect("operand " + i, operands[i], operandBytes[i]);
    }
    expect("scratchpad", scratchpad, scratchpadBytes);
    if (primitives.isEmpty()) {
      make();
    }
    int next = 0;
    for (Step step : steps) {
      for (Argument a : step.arguments) {
        MemorySegment address =
            switch (a.place) {
              case Place.Operand(int index) -> operands[index];
              case Place.Scratch(long offset) -> scratchpad.asSlice(offset);
              case Place.Constant(MemorySegment memory) -> memory;
            };
        engine.memory().point(memories.get(next++), address);
      }
    }
  }

  private void expect(String what, MemorySegment memory, long bytes) {
    if (bytes > 0 && (memory.byteSize() < bytes || memory.address() % ALIGNMENT != 0)) {
      throw new IllegalArgumentException(
          implementation
              + ": "
              + what
              + " has "
              + memory.byteSize()
              + " bytes at address "
              + memory.address()
              + ", "
              + bytes
              + " bytes aligned to 64 are needed");
    }
  }

  private void make() {
    for (Step step : steps) {
      MemorySegment block = arena.allocate(ARGUMENT_BYTES * step.arguments.size(), ALIGNMENT);
      for (int i = 0; i < step.arguments.size(); i++) {
        Argument a = step.arguments.get(i);
        MemorySegment memory =
            engine.memory().wrap(arena, a.desc, engine.handle(), MemorySegment.NULL);
        block.set(ValueLayout.JAVA_INT, i * ARGUMENT_BYTES, a.kind);
        block.set(C.POINTER, i * ARGUMENT_BYTES + MEMORY_OFFSET, memory);
        memories.add(memory);
      }
      arguments.add(block);
      primitives.add(engine.primitives().primitive(arena, step.desc));
    }
  }

  /** Runs every primitive once on the bound memory; returns when the results are there. */
  void run() {
    if (primitives.isEmpty()) {
      throw new IllegalStateException(implementation + " was run before its memory was bound");
    }
    for (int i = 0; i < primitives.size(); i++) {
      MemorySegment block = arguments.get(i);
      int count = (int) (block.byteSize() / ARGUMENT_BYTES);
      engine.primitives().run(primitives.get(i), engine.stream(), count, block);
    }
    engine.runtime().await(engine.stream());
  }

  @Override
  public void close() {
    arena.close();
  }
}
