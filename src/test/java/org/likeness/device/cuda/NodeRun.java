package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.fail;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.device.HostValues;
import org.likeness.device.OneRun;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.graph.DType;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/**
 * Runs one node's launches, every operand in an allocation of its own size so that a step outside
 * is seen, and the same node in f64 on the processor.
 */
final class NodeRun implements AutoCloseable {
  /** One for all: opening it checks the native library's whole contents. */
  private static final CpuDevice CPU = new CpuDevice();

  private final CudaContext context;
  private final KernelLibrary kernels;
  private final CudaStream stream;

  /** Opens the first GPU. */
  NodeRun() {
    CudaDriver driver = CudaDriver.open().orThrow();
    context = driver.context(driver.gpus().getFirst());
    kernels = new KernelLibrary(context);
    stream = context.stream();
  }

  /** Returns values of the node's input types between -1.5 and 1.5. */
  static double[][] random(Node node, long seed) {
    Random random = new Random(seed);
    double[][] values = new double[node.inputs().size()][];
    for (int i = 0; i < values.length; i++) {
      Tensor t = node.inputs().get(i);
      values[i] =
          random
              .doubles(t.shape().elements(), -1.5, 1.5)
              .map(v -> HostValues.round(v, t.dtype()))
              .toArray();
    }
    return values;
  }

  /**
   * Returns the node's outputs after its launches.
   *
   * @param lowering makes the launches from operands, given {@code workspace} bytes
   */
  double[][] cuda(
      Node node, double[][] in, long workspace, Function<Operands, List<Launch>> lowering) {
    List<DeviceMemory> memory = new ArrayList<>();
    try (Arena arena = Arena.ofShared()) {
      List<Long> inputs = new ArrayList<>();
      for (int i = 0; i < in.length; i++) {
        DeviceMemory each = allocate(node.inputs().get(i).bytes(), memory);
        MemorySegment dense = arena.allocate(each.bytes(), 64);
        HostValues.store(dense, node.inputs().get(i).dtype(), in[i]);
        each.write(0, dense);
        inputs.add(each.address());
      }
      List<DeviceMemory> results = new ArrayList<>();
      node.outputs().forEach(t -> results.add(allocate(t.bytes(), memory)));
      List<Long> outputs = results.stream().map(DeviceMemory::address).toList();
      long temporary = workspace == 0 ? 0 : allocate(workspace, memory).address();
      List<Launch> launches = lowering.apply(new Operands(node, inputs, outputs, temporary));
      kernels.load(launches);
      launches.forEach(launch -> kernels.ready(launch, arena).launch(stream));
      stream.synchronize();
      double[][] out = new double[results.size()][];
      for (int i = 0; i < out.length; i++) {
        MemorySegment segment = arena.allocate(node.outputs().get(i).bytes(), 16);
        results.get(i).read(0, segment);
        Tensor t = node.outputs().get(i);
        out[i] = HostValues.load(segment, t.dtype(), t.shape().elements());
      }
      return out;
    } finally {
      memory.forEach(DeviceMemory::close);
    }
  }

  private DeviceMemory allocate(long bytes, List<DeviceMemory> all) {
    DeviceMemory memory = context.allocate(bytes);
    all.add(memory);
    return memory;
  }

  /**
   * How far an element may lie off.
   *
   * @param absolute of every element
   * @param relative share of the expected value, by the result's type
   */
  record Tolerance(double absolute, ToDoubleFunction<DType> relative) {}

  /** Computes the node as a candidate does, and fails with the first element that lies outside. */
  void check(Node node, Candidate candidate, double[][] in, double[][] expected, Tolerance t) {
    String what = node + " by " + candidate.name();
    double[][] out;
    try {
      out =
          cuda(
              node,
              in,
              candidate.workspaceBytes(),
              o -> LinearLowering.lower((Linear) node.op(), o, candidate));
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
    compare(what, node, out, expected, t);
  }

  /** Fails with the first element that lies outside, both values and the share of the tolerance. */
  static void compare(
      String what, Node node, double[][] out, double[][] expected, Tolerance tolerance) {
    for (int o = 0; o < expected.length; o++) {
      double relative = tolerance.relative().applyAsDouble(node.outputs().get(o).dtype());
      for (int i = 0; i < expected[o].length; i++) {
        double allowed = tolerance.absolute() + relative * Math.abs(expected[o][i]);
        double share = Math.abs(out[o][i] - expected[o][i]) / allowed;
        if (!(share <= 1)) {
          fail(
              String.format(
                  Locale.ROOT,
                  "%s: output %d[%d] is %.9g, expected %.9g: %.3g of the tolerance",
                  what,
                  o,
                  i,
                  out[o][i],
                  expected[o][i],
                  share));
        }
      }
    }
  }

  /** Returns the node's outputs in f64. */
  static double[][] expected(Node node, double[][] in) {
    GraphBuilder builder = new GraphBuilder();
    List<Tensor> inputs = new ArrayList<>();
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor t : node.inputs()) {
      leaves.put(t.name(), in[inputs.size()]);
      inputs.add(builder.leaf(Role.FEED, t.name(), t.shape(), DType.F64));
    }
    List<Tensor> outputs = builder.addAll("out", node.op(), inputs);
    outputs.forEach(t -> builder.fetch(t.name(), t));
    Map<String, double[]> results = OneRun.of(CPU, builder.build(), leaves);
    return outputs.stream().map(t -> results.get(t.name())).toArray(double[][]::new);
  }

  @Override
  public void close() {
    stream.close();
    kernels.close();
    context.close();
  }
}
