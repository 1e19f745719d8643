package org.likeness.device.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaDriver;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
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
              .map(v -> widen(narrow(v, t.dtype()), t.dtype()))
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
        each.write(0, bytes(in[i], node.inputs().get(i).dtype(), arena));
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
        out[i] = values(segment, node.outputs().get(i).dtype());
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

  /** Returns the node's outputs in f64. */
  static double[][] expected(Node node, double[][] in) {
    GraphBuilder builder = new GraphBuilder();
    List<Tensor> inputs = new ArrayList<>();
    for (Tensor t : node.inputs()) {
      inputs.add(builder.leaf(Role.FEED, t.name(), t.shape(), DType.F64));
    }
    List<Tensor> outputs = builder.addAll("out", node.op(), inputs);
    outputs.forEach(t -> builder.fetch(t.name(), t));
    Graph graph = builder.build();
    try (Arena arena = Arena.ofConfined();
        State state = CPU.allocate(graph.persistent());
        Program program = CPU.load(ExecutionPlan.of(graph, CPU.profile(graph)), state)) {
      for (int i = 0; i < in.length; i++) {
        program.write(inputs.get(i).name(), bytes(in[i], DType.F64, arena));
      }
      program.run();
      double[][] out = new double[outputs.size()][];
      for (Map.Entry<String, Tensor> fetch : graph.fetches().entrySet()) {
        MemorySegment segment = arena.allocate(fetch.getValue().bytes(), 64);
        program.read(fetch.getKey(), segment);
        out[outputs.indexOf(fetch.getValue())] = values(segment, DType.F64);
      }
      return out;
    }
  }

  private static MemorySegment bytes(double[] values, DType type, Arena arena) {
    MemorySegment segment = arena.allocate((long) values.length * type.bytes(), 64);
    for (int i = 0; i < values.length; i++) {
      switch (type) {
        case F32 -> segment.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
        case F64 -> segment.setAtIndex(ValueLayout.JAVA_DOUBLE, i, values[i]);
        default -> segment.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) narrow(values[i], type));
      }
    }
    return segment;
  }

  private static double[] values(MemorySegment segment, DType type) {
    double[] values = new double[Math.toIntExact(segment.byteSize() / type.bytes())];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case F32 -> segment.getAtIndex(ValueLayout.JAVA_FLOAT, i);
            case F64 -> segment.getAtIndex(ValueLayout.JAVA_DOUBLE, i);
            default -> widen(segment.getAtIndex(ValueLayout.JAVA_SHORT, i), type);
          };
    }
    return values;
  }

  /** Returns the bits of the nearest value, ties to even. */
  private static int narrow(double v, DType type) {
    int bits = Float.floatToRawIntBits((float) v);
    return switch (type) {
      case F32 -> bits;
      case BF16 -> bits + 0x7fff + (bits >>> 16 & 1) >>> 16;
      case F16 -> Float.floatToFloat16((float) v);
      case F64, I64, U8 -> throw new IllegalArgumentException("no products of " + type);
    };
  }

  private static double widen(int bits, DType type) {
    return switch (type) {
      case F32 -> Float.intBitsToFloat(bits);
      case BF16 -> Float.intBitsToFloat(bits << 16);
      case F16 -> Float.float16ToFloat((short) bits);
      case F64, I64, U8 -> throw new IllegalArgumentException("no products of " + type);
    };
  }

  @Override
  public void close() {
    stream.close();
    kernels.close();
    context.close();
  }
}
