package org.likeness.device.cpu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.ffi.Availability;
import org.likeness.graph.DType;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Node;
import org.likeness.graph.Tensor;
import org.likeness.graph.Work;

/**
 * The processor: runs f32 graphs fast and f64 graphs exactly. Without oneDNN f32 graphs run too,
 * but slowly: plain Java computes convolutions and products, in f64.
 */
public final class CpuDevice implements Device {
  /** A cache line, and the widest vector. */
  static final int ALIGNMENT = 64;

  private static final double FLOPS = 50e9;
  private static final double BANDWIDTH = 8e9;
  private static final long WORKSPACE_CEILING = 256L << 20;

  private final Optional<OnednnEngine> engine;
  private final String provider;
  private final CpuLayouts layouts;
  private final long freeBytes = Processor.freeBytes();

  /** Operations that a profile measured and no program has taken yet. */
  private final Map<Node, OnednnOperation> prepared = new HashMap<>();

  /** Opens the processor with oneDNN where it can be loaded, else with plain Java alone. */
  public CpuDevice() {
    this(OnednnEngine.open());
  }

  CpuDevice(Availability<OnednnEngine> found) {
    engine =
        found instanceof Availability.Available<OnednnEngine>(OnednnEngine opened)
            ? Optional.of(opened)
            : Optional.empty();
    provider = engine.map(OnednnEngine::toString).orElseGet(() -> "plain Java: " + found.message());
    layouts = new CpuLayouts(engine);
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return Processor.name() + ", " + provider + ", Java " + Runtime.version();
  }

  @Override
  public DeviceProfile profile(Graph scheduled) {
    Map<Integer, Stored> stored = layouts.of(scheduled);
    Map<String, Long> bytes = new HashMap<>();
    scheduled.leaves().forEach(t -> keepPadded(t, stored, bytes));
    Map<Node, Long> workspace = new HashMap<>();
    for (Node node : scheduled.nodes()) {
      node.outputs().forEach(t -> keepPadded(t, stored, bytes));
      prepare(node, stored)
          .ifPresent(
              operation -> {
                workspace.put(node, operation.scratchpadBytes());
                prepared.put(node, operation);
              });
    }
    return new DeviceProfile(name(), freeBytes, ALIGNMENT, WORKSPACE_CEILING, bytes, workspace);
  }

  /** An estimate, for the ratio between arithmetic and traffic: a core of few years ago. */
  @Override
  public double seconds(Node node) {
    return Math.max(Work.flops(node) / FLOPS, Work.traffic(node) / BANDWIDTH);
  }

  private static void keepPadded(Tensor t, Map<Integer, Stored> stored, Map<String, Long> bytes) {
    long own = stored.get(t.id()).bytes();
    if (own != t.bytes()) {
      bytes.put(t.name(), own);
    }
  }

  private Optional<OnednnOperation> prepare(Node node, Map<Integer, Stored> stored) {
    OnednnOperation made = prepared.remove(node);
    return made != null
        ? Optional.of(made)
        : engine.flatMap(
            e -> new OnednnLowering(e, layouts, stored, WORKSPACE_CEILING).lower(node));
  }

  /** Does nothing: the processor has no TF32. */
  @Override
  public void allowTf32(boolean allowed) {}

  @Override
  public boolean isFastIn(DType type) {
    return switch (type) {
      case F32 -> engine.isPresent();
      case BF16 -> engine.map(OnednnEngine::computesBf16).orElse(false);
      case F16, F64, I64, U8 -> false;
    };
  }

  @Override
  public State allocate(List<Tensor> persistent) {
    return new CpuState(persistent, layouts);
  }

  @Override
  public Program load(ExecutionPlan plan, State state) {
    if (!(state instanceof CpuState cpu)) {
      throw new IllegalArgumentException("the state belongs to another device than cpu");
    }
    Map<Integer, Stored> stored = layouts.of(plan.graph());
    Map<Node, OnednnOperation> operations = new HashMap<>();
    for (Node node : plan.graph().nodes()) {
      prepare(node, stored).ifPresent(operation -> operations.put(node, operation));
    }
    return new CpuProgram(plan, cpu, stored, operations);
  }

  @Override
  public void close() {
    prepared.values().forEach(OnednnOperation::close);
    layouts.close();
    engine.ifPresent(OnednnEngine::close);
  }
}
