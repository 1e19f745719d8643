package org.likeness.benchmarks;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.device.cuda.CudaOptions;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Work;
import org.likeness.nn.Initializer;
import org.likeness.nn.Optimizer;
import org.likeness.runtime.Devices;
import org.likeness.saehd.Architecture;
import org.likeness.saehd.StepSettings;
import org.likeness.saehd.TrainingStep;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/** Times whole training steps on a device in this process and prints a {@link SideResult}. */
@Command(name = "StepBenchmark", mixinStandardHelpOptions = true)
public final class StepBenchmark implements Callable<Integer> {
  @Mixin private Workload workload;

  @Option(names = "--optimizer", description = "adabelief or rmsprop")
  private String optimizer = "adabelief";

  @Option(names = "--device")
  private String deviceName = "cpu";

  @Option(names = "--tf32", description = "let tensor cores round f32 operands to TF32")
  private boolean tf32;

  @Option(names = "--bf16", description = "mixed precision: convolutions in bf16")
  private boolean bf16;

  @Option(names = "--threads", description = "only reported: set it with -XX:ActiveProcessorCount")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(names = "--per-node", description = "print where the time of a step goes, not JSON")
  private boolean perNode;

  @Option(names = "--warmup")
  private int warmup = 5;

  @Option(names = "--steps")
  private int steps = 20;

  private StepBenchmark() {}

  /** Runs the benchmark. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new StepBenchmark()).execute(args));
  }

  @Override
  public Integer call() {
    Long start = Machine.resident("VmRSS");
    int[] dims = workload.dims;
    Architecture architecture =
        Architecture.of(
            workload.archi,
            workload.resolution,
            new Architecture.Dims(dims[0], dims[1], dims[2], dims[3]));
    TrainingStep description = TrainingStep.describe(architecture, settings());
    Graph graph = description.scheduled();
    List<Double> times = new ArrayList<>();
    try (Arena arena = Arena.ofShared();
        Device device = Devices.open(deviceName, options());
        DeviceUse use = DeviceUse.of(device);
        State state = device.allocate(graph.persistent());
        Program step = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      initialise(state, description);
      Map<String, MemorySegment> feeds = feeds(arena, graph);
      MemorySegment losses = arena.allocate(ValueLayout.JAVA_FLOAT, 2L * workload.batch);
      for (int i = 0; i < warmup + steps; i++) {
        long begin = System.nanoTime();
        feeds.forEach(step::write);
        step.run();
        long half = losses.byteSize() / 2;
        step.read("src_loss", losses.asSlice(0, half));
        step.read("dst_loss", losses.asSlice(half, half));
        if (i >= warmup) {
          times.add((System.nanoTime() - begin) / 1e6);
        }
      }
      if (perNode) {
        NodeTimes.measure(step, feeds, steps).print(System.out);
        return 0;
      }
      SideResult result =
          new SideResult(
              times,
              start,
              Machine.resident("VmHWM"),
              step.plan().memory().slabBytes(),
              threads,
              "Likeness, " + device.description(),
              List.of(mean(losses, 0), mean(losses, workload.batch)),
              step.plan().memory().totalBytes(),
              use.bytes(),
              Work.flops(graph));
      System.out.println(new JsonMapper().writeValueAsString(result));
    }
    return 0;
  }

  private CudaOptions options() {
    CudaOptions usual = Devices.options();
    return new CudaOptions(tf32, usual.tuning(), usual.provider(), usual.cache());
  }

  private StepSettings settings() {
    StepSettings settings = StepSettings.defaults(workload.batch).in(bf16 ? DType.BF16 : DType.F32);
    return switch (optimizer) {
      case "adabelief" -> settings;
      case "rmsprop" ->
          settings.with(Optimizer.constant(StepSettings.OPTIMIZER, Optimizer.Rule.RMSPROP, 5e-5));
      default -> throw new IllegalArgumentException("no optimizer \"" + optimizer + "\"");
    };
  }

  private static void initialise(State state, TrainingStep description) {
    long seed = description.settings().seed();
    description
        .parameters()
        .forEach(
            (p, initializer) -> {
              float[] values = Initializer.fill(initializer, seed, p.name(), p.shape());
              try (Arena arena = Arena.ofConfined()) {
                state.write(p.name(), arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
              }
            });
  }

  /** Returns images of noise and a disc for a mask. */
  private static Map<String, MemorySegment> feeds(Arena arena, Graph graph) {
    Map<String, MemorySegment> feeds = new LinkedHashMap<>();
    SplittableRandom random = new SplittableRandom(0);
    for (Tensor feed : graph.leaves(Role.FEED)) {
      Shape shape = feed.shape(); // (n, r, r, 3) or (n, r, r, 1)
      boolean mask = feed.name().endsWith("m");
      int side = Math.toIntExact(shape.dim(1));
      MemorySegment values = arena.allocate(feed.bytes(), 64);
      for (long i = 0; i < shape.elements(); i++) {
        double x = 2.0 * (i % side) / (side - 1) - 1;
        double y = 2.0 * (i / side % side) / (side - 1) - 1;
        double value = mask ? (x * x + y * y < 0.6 ? 1 : 0) : random.nextDouble();
        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) value);
      }
      feeds.put(feed.name(), values);
    }
    return feeds;
  }

  private double mean(MemorySegment losses, int from) {
    double sum = 0;
    for (int i = from; i < from + workload.batch; i++) {
      sum += losses.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return sum / workload.batch;
  }
}
