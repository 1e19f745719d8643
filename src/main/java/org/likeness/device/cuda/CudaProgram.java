package org.likeness.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ObjIntConsumer;
import org.likeness.cuda.CudaEvent;
import org.likeness.cuda.CudaException;
import org.likeness.cuda.CudaGraph;
import org.likeness.cuda.CudaGraphExec;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.PinnedMemory;
import org.likeness.cuda.StreamCapture;
import org.likeness.device.Program;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Node;
import org.likeness.graph.Tensor;

/**
 * A plan on a GPU: in the slab and on the stream of its state, and the whole step captured as one
 * CUDA graph. The feeds of the next run travel on a second stream while a run computes.
 */
final class CudaProgram implements Program {
  private static final System.Logger LOG = System.getLogger(CudaProgram.class.getName());

  private final CudaDevice device;
  private final ExecutionPlan plan;
  private final Owned owned = new Owned();
  private final Arena arena;
  private final DeviceMemory slab;
  private final DeviceMemory slots;
  private final Feeds feeds;
  private final Addresses addresses;
  private final Recording recording;
  private final List<BoundCommand> before;
  private final List<List<BoundCommand>> parts;
  private final List<BoundCommand> after;
  private final PinnedMemory pinned;
  private final CudaStream compute;
  private final CudaStream uploads;
  private final CudaEvent[] uploaded = new CudaEvent[Feeds.SLOTS];
  private final CudaEvent[] taken = new CudaEvent[Feeds.SLOTS];
  private CudaGraphExec step; // null where the step could not be captured
  private int slot; // that the next run reads
  private boolean slotIsFree;
  private final long measuredBytes;

  CudaProgram(CudaDevice device, ExecutionPlan plan, CudaState state) {
    this.device = device;
    this.plan = plan;
    feeds = Feeds.of(plan);
    long free = device.context().memoryInfo().free();
    try {
      arena = owned.add(Arena.ofShared());
      slab = owned.add(state.slab(Math.max(1, plan.memory().slabBytes()))).memory();
      slots = owned.add(device.allocate("feeds", Math.max(1, plan.memory().feedBytes())));
      pinned = owned.add(device.context().pin(Math.max(1, Feeds.SLOTS * feeds.slotBytes())));
      compute = state.compute();
      uploads = owned.add(device.context().stream());
      for (int i = 0; i < Feeds.SLOTS; i++) {
        uploaded[i] = owned.add(device.context().event());
        taken[i] = owned.add(device.context().event());
      }
      addresses = Addresses.of(plan, slab.address(), state.addresses(plan.graph().persistent()));
      recording = Recording.of(plan, device.target(), addresses, slots.address());
      device.commands().load(recording.commands());
      before = bind(recording.before());
      parts = recording.parts().stream().map(p -> bind(p.commands())).toList();
      after = bind(recording.after());
      compute.fill(slots.address() + feeds.currentOffset(), 0, 1);
      warmUp();
      compute.synchronize();
      capture();
      measuredBytes = free - device.context().memoryInfo().free();
    } catch (RuntimeException e) {
      throw owned.closeAfter(e);
    }
  }

  private List<BoundCommand> bind(List<? extends Command> commands) {
    return device.commands().bind(commands, arena, owned);
  }

  /**
   * Runs each of the libraries' engines once, on zeros: what it compiles, loads or allocates at its
   * first run must not be part of a capture, nor of a step.
   */
  private void warmUp() {
    Set<EngineCall> warm = new HashSet<>();
    for (int i = 0; i < parts.size(); i++) {
      Recording.Part part = recording.parts().get(i);
      for (int j = 0; j < part.commands().size(); j++) {
        if (part.commands().get(j) instanceof EngineCall call && warm.add(call.anywhere())) {
          fillInputs(plan.graph().nodes().get(part.first()));
          parts.get(i).get(j).enqueue(compute);
        }
      }
    }
  }

  private void fillInputs(Node node) {
    for (Tensor t : node.inputs()) {
      if (!t.role().persistent()) {
        compute.fill(addresses.of(t), (byte) 0, t.bytes());
      }
    }
  }

  /** Captures the step as one graph; where the driver refuses, commands go out one by one. */
  private void capture() {
    try (StreamCapture capture = compute.capture()) {
      enqueueAll((part, index) -> {});
      try (CudaGraph graph = capture.end()) {
        CudaGraphExec whole = owned.add(graph.instantiate());
        whole.upload(compute);
        compute.synchronize();
        step = whole;
      }
    } catch (CudaException e) {
      if (e.sticky() || e.outOfMemory()) {
        throw e;
      }
      LOG.log(
          System.Logger.Level.WARNING,
          "the step is not one CUDA graph, its kernels are launched one by one: {0}",
          e.getMessage());
    }
  }

  private void enqueueAll(ObjIntConsumer<Recording.Part> beforePart) {
    enqueue(before);
    for (int i = 0; i < parts.size(); i++) {
      beforePart.accept(recording.parts().get(i), i);
      enqueue(parts.get(i));
    }
    enqueue(after);
  }

  private void enqueue(List<BoundCommand> commands) {
    for (BoundCommand command : commands) {
      command.enqueue(compute);
    }
  }

  @Override
  public ExecutionPlan plan() {
    return plan;
  }

  /** Tells whether a run is one launch of one graph. */
  boolean isOneGraph() {
    return step != null;
  }

  /** Returns where things lie, for tests. */
  Addresses addresses() {
    return addresses;
  }

  @Override
  public void write(String feed, MemorySegment dense) {
    Tensor tensor = plan.graph().leaf(feed);
    expectBytes(tensor, dense);
    device.context().enter();
    if (!slotIsFree) {
      uploaded[slot].await(); // the pinned copy of two runs ago has left
      uploads.await(taken[slot]); // and that run has read the slot
      slotIsFree = true;
    }
    long offset = slot * feeds.slotBytes() + feeds.offsets().get(tensor);
    MemorySegment.copy(dense, 0, pinned.segment(), offset, dense.byteSize());
    uploads.upload(slots.address() + offset, pinned.segment(), offset, dense.byteSize());
  }

  @Override
  public boolean overlaps() {
    return true;
  }

  @Override
  public void run() {
    begin();
    if (step != null) {
      step.launch(compute);
    } else {
      enqueueAll((part, index) -> {});
    }
    end();
  }

  /** Makes the run wait for its feeds. */
  private void begin() {
    device.context().enter();
    uploaded[slot].record(uploads);
    compute.await(uploaded[slot]);
  }

  /** Hands the slot that the run reads back once it is read. */
  private void end() {
    taken[slot].record(compute);
    slot = (slot + 1) % Feeds.SLOTS;
    slotIsFree = false;
  }

  /** {@inheritDoc} A run of updates that is one launch counts whole for its first node. */
  @Override
  public long[] runTimed() {
    begin();
    List<CudaEvent> marks = new ArrayList<>();
    try (NamedRanges ranges = new NamedRanges(device.nvtx())) {
      enqueueAll(
          (part, index) -> {
            marks.add(mark());
            ranges.next(plan.graph().nodes().get(part.first()));
          });
      ranges.end();
      marks.add(mark());
      end();
      compute.synchronize();
      long[] nanos = new long[plan.graph().nodes().size()];
      for (int i = 0; i < parts.size(); i++) {
        float milliseconds = marks.get(i + 1).millisecondsSince(marks.get(i));
        nanos[recording.parts().get(i).first()] = (long) (milliseconds * 1e6);
      }
      return nanos;
    } finally {
      marks.forEach(CudaEvent::close);
    }
  }

  private CudaEvent mark() {
    CudaEvent mark = device.context().timer();
    mark.record(compute);
    return mark;
  }

  /** Runs without the graph, telling of each part before it runs, for tests. */
  void runObserved(ObjIntConsumer<Recording.Part> beforePart) {
    begin();
    enqueueAll(
        (part, index) -> {
          compute.synchronize();
          beforePart.accept(part, index);
        });
    end();
  }

  @Override
  public void read(String fetch, MemorySegment dense) {
    Tensor t = plan.graph().fetches().get(fetch);
    if (t == null) {
      throw new IllegalArgumentException(
          "the program has no fetch " + fetch + " among " + plan.graph().fetches().keySet());
    }
    expectBytes(t, dense);
    device.context().enter();
    compute.synchronize();
    if (t.role().persistent()) {
      throw new IllegalArgumentException(
          "fetch " + fetch + " is persistent: read it from the state");
    }
    slab.read(addresses.of(t) - slab.address(), dense);
  }

  /** Waits until nothing runs and nothing is on its way. */
  void synchronize() {
    uploads.synchronize();
    compute.synchronize();
  }

  @Override
  public long measuredBytes() {
    return measuredBytes; // a run allocates nothing
  }

  static void expectBytes(Tensor t, MemorySegment dense) {
    if (dense.byteSize() != t.bytes()) {
      throw new IllegalArgumentException(
          t.name() + ": was given " + dense.byteSize() + " bytes, has " + t.bytes());
    }
  }

  @Override
  public void close() {
    device.forget(this);
    owned.close();
  }
}
