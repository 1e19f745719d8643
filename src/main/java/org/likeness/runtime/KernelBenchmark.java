package org.likeness.runtime;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.device.cuda.CardRates;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Op;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Work;

/**
 * How much of a GPU's measured bandwidth and arithmetic kernels reach, each in a graph of its own:
 * ours, and for convolutions and products beside them those of NVIDIA's libraries.
 */
public record KernelBenchmark(CardRates rates, List<Kernel> kernels) {
  private static final int WARM_UPS = 2;
  private static final int RUNS = 9;

  /**
   * One operation.
   *
   * @param way the tiling or the library's engine that computed it; "" where there is one kernel
   * @param seconds median of a run
   * @param bytes read and written, each operand once
   * @param flops that the operation asks for
   * @param share of the time that its bytes or its flops, whichever take longer, need at the
   *     measured rates
   */
  public record Kernel(
      String name,
      DType type,
      String way,
      double seconds,
      double bytes,
      double flops,
      double share) {}

  /**
   * Runs everything.
   *
   * @param device with our kernels
   * @param libraries the same GPU with those of the libraries; null for ours alone
   * @param side of the largest activations in pixels; 256 needs about 1 GiB
   */
  public static KernelBenchmark run(CudaDevice device, CudaDevice libraries, int side) {
    long copied = 8L * side * side * 64 * Float.BYTES;
    int rounds = Math.clamp((long) side * side / 16, 1, 1 << 16);
    CardRates rates = CardRates.measure(device, copied, rounds);
    List<Kernel> kernels = new ArrayList<>();
    for (DType type : List.of(DType.F32, device.bf16() ? DType.BF16 : DType.F16)) {
      for (KernelCases.Case c : KernelCases.of(side, type)) {
        kernels.add(measure(device, c, type, rates));
        if (libraries != null && c.op() instanceof Linear) {
          Kernel theirs = measure(libraries, c, type, rates);
          if (libraries.algorithms().library(theirs.way()).isPresent()) {
            kernels.add(theirs);
          }
        }
      }
    }
    return new KernelBenchmark(rates, List.copyOf(kernels));
  }

  /**
   * Returns the median seconds of one operation on inputs of one type, for comparisons with other
   * libraries.
   */
  public static double seconds(CudaDevice device, Op op, List<Shape> inputs, DType type) {
    KernelCases.Case c = new KernelCases.Case("", op, inputs, KernelCases.Arithmetic.NONE, 0);
    Graph graph = graph(c, type);
    return seconds(device, ExecutionPlan.of(graph, device.profile(graph)));
  }

  /**
   * Returns the median seconds of RMSprop's update of one f32 parameter.
   *
   * @param draws whether lr_dropout draws a random number for each element
   */
  public static double updateSeconds(CudaDevice device, int elements, boolean draws) {
    Graph graph = graph(KernelCases.rmsProp(elements, draws), DType.F32);
    return seconds(device, ExecutionPlan.of(graph, device.profile(graph)));
  }

  private static Graph graph(KernelCases.Case c, DType type) {
    GraphBuilder builder = new GraphBuilder();
    List<Tensor> inputs = new ArrayList<>();
    for (int i = 0; i < c.inputs().size(); i++) {
      DType own = c.input(i, type);
      Role role = own == DType.I64 ? Role.SLOT : Role.PARAMETER;
      inputs.add(builder.leaf(role, "x" + i, c.inputs().get(i), own));
    }
    builder.addAll("y", c.op(), inputs).forEach(t -> builder.fetch(t.name(), t));
    return builder.build();
  }

  private static double seconds(CudaDevice device, ExecutionPlan plan) {
    List<Tensor> persistent = plan.graph().persistent();
    try (State state = device.allocate(persistent)) {
      persistent.forEach(t -> fill(state, t));
      try (Program program = device.load(plan, state)) {
        return median(program);
      }
    }
  }

  private static Kernel measure(
      CudaDevice device, KernelCases.Case c, DType type, CardRates rates) {
    Graph graph = graph(c, type);
    Set<String> earlier = device.algorithms().chosen().keySet();
    ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
    Map<String, String> chosen = new HashMap<>(device.algorithms().chosen());
    chosen.keySet().removeAll(earlier);
    String way = String.join("", chosen.values()); // of the one node, if it has several
    double seconds = seconds(device, plan);
    double bytes = Work.traffic(graph.nodes().getFirst());
    double rate =
        c.arithmetic() == KernelCases.Arithmetic.PRODUCTS && type != DType.F32
            ? rates.tensorPerSecond()
            : rates.f32PerSecond();
    double least = Math.max(bytes / rates.bytesPerSecond(), c.flops() / rate);
    return new Kernel(c.name(), type, way, seconds, bytes, c.flops(), least / seconds);
  }

  private static double median(Program program) {
    double[] times = new double[RUNS];
    for (int run = -WARM_UPS; run < RUNS; run++) {
      long[] nanos = program.runTimed();
      if (run >= 0) {
        times[run] = Math.max(1, Arrays.stream(nanos).sum()) / 1e9;
      }
    }
    Arrays.sort(times);
    return times[RUNS / 2];
  }

  /** Values between 0 and 1 that differ: equal bits would cost a card less power than data do. */
  private static void fill(State state, Tensor t) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(t.bytes(), 64);
      int bits = 1;
      for (long i = 0; i < t.shape().elements(); i++) {
        bits = bits * 1664525 + 1013904223;
        float value = (bits >>> 8) * 0x1p-24f;
        switch (t.dtype()) {
          case F32 -> values.setAtIndex(ValueLayout.JAVA_FLOAT, i, value);
          case BF16 ->
              values.setAtIndex(
                  ValueLayout.JAVA_SHORT, i, (short) (Float.floatToRawIntBits(value) >>> 16));
          case F16 -> values.setAtIndex(ValueLayout.JAVA_SHORT, i, Float.floatToFloat16(value));
          case I64 -> values.setAtIndex(ValueLayout.JAVA_LONG, i, 0);
          case F64, U8 -> throw new IllegalArgumentException("no kernel takes " + t);
        }
      }
      state.write(t.name(), values);
    }
  }
}
