package org.likeness.device.cpu;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Tensor;

/** The processor: runs f32 graphs fast and f64 graphs exactly. */
public final class CpuDevice implements Device {
  /** A cache line, and the widest vector. */
  static final int ALIGNMENT = 64;

  private static final long WORKSPACE_CEILING = 512L << 20;

  private final CpuLayouts layouts = new CpuLayouts();

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return Runtime.getRuntime().availableProcessors()
        + " processors, plain Java "
        + Runtime.version().feature();
  }

  @Override
  public DeviceProfile profile(Graph scheduled) {
    Map<String, Long> stored = new HashMap<>();
    for (Tensor t : scheduled.persistent()) {
      stored.put(t.name(), layouts.of(t).bytes());
    }
    return new DeviceProfile(
        name(), Runtime.getRuntime().maxMemory(), ALIGNMENT, WORKSPACE_CEILING, stored, Map.of());
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
    return new CpuProgram(plan, cpu, layouts);
  }

  @Override
  public void close() {}
}
