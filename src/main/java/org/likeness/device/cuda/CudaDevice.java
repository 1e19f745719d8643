package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaException;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.cuda.Gpu;
import org.likeness.cuda.Nvtx;
import org.likeness.device.Algorithms;
import org.likeness.device.Device;
import org.likeness.device.DeviceMemoryException;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.device.cuda.CudaOptions.Measure;
import org.likeness.graph.DType;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Tensor;

/**
 * An NVIDIA GPU. It needs the driver alone: the kernels travel as PTX and the driver compiles them.
 * NVIDIA's libraries, where they are installed, compute convolutions and products that they are
 * faster at.
 */
public final class CudaDevice implements Device {
  /** The oldest compute capability that kernels are committed for, 7.5: RTX 20 and newer. */
  public static final int LEAST_CAPABILITY = 75;

  /** What 128-bit loads want, and what the driver aligns allocations to. */
  static final int ALIGNMENT = 256;

  private static final int MARGIN = 16;
  private static final System.Logger LOG = System.getLogger(CudaDevice.class.getName());

  private final CudaDriver driver;
  private final Owned owned = new Owned();
  private final CudaContext context;
  private final CommandBinder commands;
  private final CudaOptions options;
  private final Libraries libraries;
  private final TuningFile tuningFile;
  private final CudaStream stream;
  private final Map<String, String> used = new HashMap<>(); // tactics by shape
  private Tuning measured;
  private final ModelledCosts costs;
  private Target target;
  private Nvtx nvtx; // null until it is asked for
  private final List<CudaProgram> programs = new ArrayList<>();

  /**
   * Opens a GPU.
   *
   * @throws IllegalArgumentException when it is older than the kernels
   */
  public CudaDevice(CudaDriver driver, Gpu gpu, CudaOptions options) {
    if (gpu.capability() < LEAST_CAPABILITY) {
      throw new IllegalArgumentException(
          gpu + " is too old; the kernels need compute capability 7.5, RTX 20 or newer");
    }
    this.driver = driver;
    this.options = options;
    try {
      context = owned.add(driver.context(gpu));
      KernelLibrary kernels = owned.add(new KernelLibrary(context));
      libraries = owned.add(Libraries.open(context, driver.versionNumber(), options.provider()));
      commands = new CommandBinder(kernels, libraries);
      stream = owned.add(context.stream());
    } catch (RuntimeException e) {
      throw owned.closeAfter(e);
    }
    tuningFile = TuningFile.of(options.cache(), gpu, driver.version(), libraries.measuredAgainst());
    measured = options.tuning() == Measure.ONCE ? tuningFile.read() : Tuning.NONE;
    target =
        new Target(
            gpu.capability(),
            gpu.multiprocessors().count(),
            gpu.multiprocessors().sharedOptInBytes(),
            options.tf32(),
            measured,
            libraries);
    ModelledGpu model = ModelledGpu.like(gpu.name(), target.multiprocessors());
    costs = new ModelledCosts(model, target.with(Tuning.NONE).with(Engines.NONE));
  }

  @Override
  public String name() {
    return context.gpu().device();
  }

  @Override
  public String description() {
    return identity() + ", " + libraries;
  }

  @Override
  public String identity() {
    Gpu gpu = context.gpu();
    return String.format(
        Locale.ROOT,
        "%s, compute capability %d.%d, %.1f GiB, driver for CUDA %s%s",
        gpu.name(),
        gpu.capability() / 10,
        gpu.capability() % 10,
        gpu.memory().totalBytes() / (double) (1L << 30),
        driver.version(),
        target.tf32() ? ", TF32" : "");
  }

  @Override
  public Optional<String> advice() {
    return libraries.advice(driver.versionNumber());
  }

  @Override
  public Algorithms algorithms() {
    return new Algorithms(libraries.versions(), used);
  }

  /** {@inheritDoc} Where all is to be measured again, nothing is reused. */
  @Override
  public void reuse(Algorithms earlier) {
    if (options.tuning() == Measure.AGAIN) {
      return;
    }
    Map<String, String> reused = new HashMap<>(earlier.chosen());
    reused
        .values()
        .removeIf(
            way ->
                earlier.library(way).stream()
                    .anyMatch(
                        name ->
                            !earlier.libraries().get(name).equals(libraries.versions().get(name))));
    reused.putAll(used);
    target = target.with(target.tuning().under(reused));
  }

  /** Tells whether tensor cores take bf16; where not, 16-bit training is in f16. */
  public boolean bf16() {
    return target.capability() >= 80;
  }

  CudaContext context() {
    return context;
  }

  CommandBinder commands() {
    return commands;
  }

  /** Returns what names ranges for NVIDIA's profilers; opened when first asked for. */
  Nvtx nvtx() {
    nvtx = nvtx == null ? Nvtx.open() : nvtx;
    return nvtx;
  }

  Target target() {
    return target;
  }

  @Override
  public DeviceProfile profile(Graph scheduled) {
    tune(scheduled);
    Map<Node, Long> workspace = new HashMap<>();
    for (Node node : scheduled.nodes()) {
      refuseDoubles(node);
      if (node.op() instanceof Linear) {
        used.put(Tactics.key(node, target), Tactics.choose(node, target).name());
      }
      long bytes = Lowering.workspaceBytes(node, target);
      if (bytes > 0) {
        workspace.put(node, bytes);
      }
    }
    target = target.with(target.tuning().under(used)); // whatever is measured later
    return profile(workspace);
  }

  private DeviceProfile profile(Map<Node, Long> workspace) {
    return new DeviceProfile(
        name(),
        context.memoryInfo().free(),
        ALIGNMENT,
        ConvolutionChoice.WORKSPACE_CEILING,
        Map.of(),
        workspace,
        Feeds.SLOTS);
  }

  @Override
  public double seconds(Node node) {
    return costs.seconds(node);
  }

  @Override
  public PlanTarget sketch() {
    return new PlanTarget(
        graph -> {
          Map<Node, Long> workspace = new HashMap<>();
          graph.nodes().forEach(n -> workspace.put(n, Lowering.workspaceBytes(n, target)));
          return profile(workspace);
        },
        this::seconds);
  }

  /** {@inheritDoc} A sixteenth stays free for the driver's modules and for others to breathe. */
  @Override
  public OptionalLong freeBytes() {
    long free = context.memoryInfo().free();
    return OptionalLong.of(free - free / MARGIN);
  }

  @Override
  public long overheadBytes() {
    return ModelledGpu.CONTEXT_BYTES;
  }

  /** Measures the tactics of shapes that are new, and keeps what was found. */
  private void tune(Graph scheduled) {
    Map<String, Node> shapes = Tuner.unknown(scheduled, target);
    if (options.tuning() == Measure.NEVER || shapes.isEmpty()) {
      return;
    }
    context.enter();
    LOG.log(
        System.Logger.Level.INFO, "measuring how {0} shapes are computed fastest", shapes.size());
    measured = new Tuner(context, commands, target, stream).measure(shapes, measured);
    libraries.closeIdle();
    Map<String, String> winners = new HashMap<>(measured.winners());
    winners.keySet().retainAll(shapes.keySet());
    target = target.with(target.tuning().under(winners));
    tuningFile.write(measured);
  }

  private void refuseDoubles(Node node) {
    for (Tensor t : node.outputs()) {
      if (t.dtype() == DType.F64) {
        throw new IllegalArgumentException(
            name() + " does not compute in double precision; use --device cpu");
      }
    }
  }

  @Override
  public void allowTf32(boolean allowed) {
    target = target.withTf32(allowed);
  }

  @Override
  public boolean isFastIn(DType type) {
    return switch (type) {
      case F32, F16 -> true;
      case BF16 -> bf16();
      case F64, I64, U8 -> false;
    };
  }

  @Override
  public State allocate(List<Tensor> persistent) {
    context.enter();
    return new CudaState(this, persistent, profileOf(persistent), stream);
  }

  private DeviceProfile profileOf(List<Tensor> persistent) {
    return profile(new Graph(persistent, List.of(), Map.of()));
  }

  @Override
  public Program load(ExecutionPlan plan, State state) {
    if (!(state instanceof CudaState cuda)) {
      throw new IllegalArgumentException("the state belongs to another device than " + name());
    }
    context.enter();
    CudaProgram program = new CudaProgram(this, plan, cuda);
    programs.add(program);
    libraries.closeIdle();
    return program;
  }

  /** Allocates a pool, or says by how much it does not fit and what to lower. */
  DeviceMemory allocate(String pool, long bytes) {
    try {
      return context.allocate(bytes);
    } catch (CudaException e) {
      if (!e.outOfMemory()) {
        throw e;
      }
      throw new DeviceMemoryException(
          String.format(
              Locale.ROOT,
              "%s has %,d bytes free, the plan needs %,d for its %s; lower --batch-size,"
                  + " --resolution or the dims, or end other programs that use the GPU",
              name(),
              context.memoryInfo().free(),
              bytes,
              pool),
          e);
    }
  }

  /** Waits for all programs. */
  void synchronize() {
    context.enter();
    programs.forEach(CudaProgram::synchronize);
    stream.synchronize();
  }

  void forget(CudaProgram program) {
    programs.remove(program);
  }

  @Override
  public void close() {
    owned.close();
  }
}
