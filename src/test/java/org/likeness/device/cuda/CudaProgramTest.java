package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.likeness.cuda.CudaException;
import org.likeness.device.DeviceMemoryException;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.ffi.NativeLibraryException;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.Node;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;
import org.likeness.graph.Window;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;
import org.likeness.testing.OnSoftCuda;
import org.likeness.testing.SoftCuda;

/** What a loaded plan costs, and what happens when the driver fails. */
@OnSoftCuda
class CudaProgramTest {
  private final SoftCuda softCuda = SoftCuda.open().orThrow();

  @BeforeEach
  void reset() {
    softCuda.reset();
  }

  @AfterEach
  void nothingIsLeft() {
    softCuda.fail(0, 0);
    assertEquals("", softCuda.liveObjects());
  }

  static Graph tinyStep() {
    Architecture tiny = Architecture.of("df-ud", 64, new Architecture.Dims(8, 4, 4, 2));
    return TrainingStep.describe(tiny, StepSettings.defaults(1)).scheduled();
  }

  /** A convolution whose weight an optimiser moves by the image: every kind of memory is used. */
  static Graph smallStep() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(1, 4, 4, 4), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(4, 1, 1, 4), DType.F32);
    Tensor a = b.leaf(Role.SLOT, "a", Shape.of(4, 1, 1, 4), DType.F32);
    Tensor rate = b.leaf(Role.SLOT, "rate", Shape.of(1), DType.F32);
    Window one = Window.centred(1, 1);
    Tensor y = b.add("y", new Linear.Conv2d(one, 1, false, Linear.Epilogue.NONE), x, w);
    Tensor dw = b.add("dw", new Linear.Conv2dWgrad(one, 1, w.shape(), false), x, y);
    b.addAll("u", new Update.RmsProp(0.9, 1e-6, Update.Modifiers.NONE), List.of(w, dw, a, rate));
    b.fetch("y", y);
    return b.build();
  }

  static void feed(Program program, Arena arena) {
    for (Tensor t : program.plan().graph().leaves(Role.FEED)) {
      MemorySegment dense = arena.allocate(t.bytes(), 64);
      for (long i = 0; i < t.shape().elements(); i++) {
        dense.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) (0.5 + 0.4 * Math.sin(0.3 * i)));
      }
      program.write(t.name(), dense);
    }
  }

  @Test
  void programsOfOneStateTakeTurnsInOneSlab() {
    Graph graph = smallStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State alone = device.allocate(graph.persistent());
        State shared = device.allocate(graph.persistent())) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      try (Program program = device.load(plan, alone);
          Program first = device.load(plan, shared)) {
        long before = softCuda.allocated();
        try (Program second = device.load(plan, shared)) {
          assertEquals(plan.memory().feedBytes(), softCuda.allocated() - before);
          List<MemoryPlan> loaded = List.of(plan.memory(), plan.memory());
          assertEquals(plan.memory().slabBytes(), MemoryPlan.sharedSlabBytes(loaded));
          for (State state : List.of(alone, shared)) {
            state.write("w", filled(arena, 16, 0.5f));
            state.write("rate", filled(arena, 1, 0.125f));
          }
          run(List.of(program, program), arena);
          run(List.of(first, second), arena); // what orders them is the stream that they share
          MemorySegment moved = weight(alone, arena);
          assertEquals(0, filled(arena, 16, 0.5f).mismatch(moved), "two updates moved it");
          assertEquals(-1, moved.mismatch(weight(shared, arena)));
        }
      }
    }
  }

  private static void run(List<Program> programs, Arena arena) {
    for (Program program : programs) {
      feed(program, arena);
      program.run();
    }
  }

  private static MemorySegment filled(Arena arena, int count, float value) {
    MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, count);
    for (int i = 0; i < count; i++) {
      values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
    }
    return values;
  }

  private static MemorySegment weight(State state, Arena arena) {
    MemorySegment w = arena.allocate(16 * Float.BYTES, 64);
    state.read("w", w);
    return w;
  }

  @Test
  void plannedBytesAreAllocatedBytesAndAStepIsOneLaunchThatAllocatesNothing() {
    Graph graph = tinyStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State state = device.allocate(graph.persistent())) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      try (Program program = device.load(plan, state)) {
        assertEquals(plan.memory().totalBytes(), softCuda.allocated());
        assertTrue(((CudaProgram) program).isOneGraph());
        feed(program, arena);
        program.run();
        long allocations = softCuda.count("cuMemAlloc_v2") + softCuda.count("cuMemHostAlloc");
        long launches = softCuda.count("cuGraphLaunch");
        for (int i = 0; i < 3; i++) {
          feed(program, arena);
          program.run();
          program.read("src_loss", arena.allocate(4));
        }
        assertEquals(
            allocations, softCuda.count("cuMemAlloc_v2") + softCuda.count("cuMemHostAlloc"));
        assertEquals(launches + 3, softCuda.count("cuGraphLaunch"));
        assertEquals(plan.memory().totalBytes(), softCuda.peak());
      }
    }
  }

  /** Each value is forgotten before it is made: nothing reads what an earlier one left there. */
  @Test
  void nothingIsReadThatThisRunDidNotMake() {
    Graph graph = tinyStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State state = device.allocate(graph.persistent());
        CudaProgram program =
            (CudaProgram) device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      feed(program, arena);
      program.runObserved((part, index) -> forgetOutputs(program, part));
      program.read("dst_loss", arena.allocate(4));
      assertEquals("", softCuda.lastFault());
    }
  }

  private void forgetOutputs(CudaProgram program, Recording.Part part) {
    for (int i = part.first(); i <= part.last(); i++) {
      Node node = program.plan().graph().nodes().get(i);
      Set<Long> read = new HashSet<>();
      node.inputs().forEach(t -> read.add(program.addresses().of(t)));
      for (Tensor t : node.outputs()) {
        if (!read.contains(program.addresses().of(t))) {
          softCuda.forget(program.addresses().of(t), t.bytes());
        }
      }
    }
  }

  /** Bytes of a batch go up as they are, and those of the next while a run computes. */
  @Test
  void feedsOfTheNextRunArriveWhileOneComputes() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(1, 5), DType.U8);
    Tensor y = b.add("y", new Pointwise.Cast(DType.F32), x);
    b.fetch("z", b.add("z", new Pointwise.Affine(0.5, 1), y));
    Graph graph = b.build();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State state = device.allocate(List.of());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      MemorySegment z = arena.allocate(20, 4);
      program.write("x", arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[] {0, 1, 2, 3, -1}));
      for (int run = 1; run <= 4; run++) {
        program.run();
        byte next = (byte) (10 * run);
        program.write(
            "x", arena.allocateFrom(ValueLayout.JAVA_BYTE, new byte[] {next, 0, 0, 0, -1}));
        program.read("z", z);
        float[] values = z.toArray(ValueLayout.JAVA_FLOAT);
        assertEquals(1 + 5 * (run - 1), values[0]);
        assertEquals(run == 1 ? 1.5f : 1, values[1]);
        assertEquals(128.5f, values[4]);
      }
    }
  }

  @Test
  void timesEveryNode() {
    Graph graph = smallStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State state = device.allocate(graph.persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      feed(program, arena);
      assertEquals(3, program.runTimed().length);
    }
  }

  @Test
  void saysWhatToLowerWhenAPoolDoesNotFit() {
    Graph graph = tinyStep();
    long fixed = graph.persistent().stream().mapToLong(t -> (t.bytes() + 255) & -256).sum();
    long memory = (fixed >> 10) + 64;
    softCuda.reset("memory=" + memory + "KiB");
    try (CudaDevice device = SoftDevice.open();
        State state = device.allocate(graph.persistent())) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      DeviceMemoryException e =
          assertThrows(DeviceMemoryException.class, () -> device.load(plan, state));
      long free = (memory << 10) - state.bytes();
      assertEquals(
          String.format(
              Locale.ROOT,
              "cuda:0 has %,d bytes free, the plan needs %,d for its activations; lower"
                  + " --batch-size, --resolution or the dims, or end other programs that use the"
                  + " GPU",
              free,
              plan.memory().slabBytes()),
          e.getMessage());
    }
  }

  @Test
  void aFaultMakesTheDeviceUnusableWithItsFirstCause() {
    Graph graph = smallStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State state = device.allocate(graph.persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      feed(program, arena);
      softCuda.fail(1, 700);
      CudaException first = assertThrows(CudaException.class, program::run);
      CudaException later =
          assertThrows(CudaException.class, () -> state.read("w", arena.allocate(64)));
      assertTrue(first.sticky());
      assertTrue(later.getMessage().contains(first.getMessage()), later.getMessage());
    }
  }

  /** With the driver refusing to capture, the kernels still run, one by one. */
  @Test
  void launchesOneByOneWhereNothingIsCaptured() {
    Graph graph = smallStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State state = device.allocate(graph.persistent())) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      long before = softCuda.calls();
      device.load(plan, state).close();
      long calls = softCuda.calls() - before;
      int fellBack = 0;
      for (long n = calls; n > 1; n--) {
        softCuda.fail(n, 900);
        try (CudaProgram program = (CudaProgram) device.load(plan, state)) {
          softCuda.fail(0, 0);
          if (!program.isOneGraph()) {
            feed(program, arena);
            program.run();
            program.read("y", arena.allocate(256));
            fellBack++;
          }
        } catch (CudaException e) {
          assertEquals(900, e.status());
        }
      }
      assertTrue(fellBack > 0);
    }
  }

  /** Every driver call of a life from open to close fails once: a typed error, and no leak. */
  @Test
  void everyCallMayFail() {
    live();
    long calls = softCuda.calls();
    assertTrue(calls > 50, calls + " calls");
    int failures = 0;
    for (long n = 1; n <= calls; n++) {
      softCuda.reset();
      softCuda.fail(n, 999);
      try {
        live();
      } catch (CudaException | DeviceMemoryException | NativeLibraryException e) {
        assertFalse(e.getMessage().isBlank());
        failures++;
      } catch (RuntimeException e) {
        throw new AssertionError("call " + n + " of " + calls, e);
      }
      softCuda.fail(0, 0);
      assertEquals("", softCuda.liveObjects(), "after call " + n + " of " + calls + " failed");
    }
    assertTrue(failures > calls / 2, failures + " of " + calls);
  }

  private static void live() {
    Graph graph = smallStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = SoftDevice.open();
        State state = device.allocate(graph.persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      feed(program, arena);
      program.run();
      program.read("y", arena.allocate(256));
      state.read("w", arena.allocate(64));
    }
  }
}
