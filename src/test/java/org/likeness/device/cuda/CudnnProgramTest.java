package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.cuda.CudaException;
import org.likeness.device.Algorithms;
import org.likeness.device.DeviceMemoryException;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.device.cuda.CudaOptions.Measure;
import org.likeness.ffi.NativeLibraryException;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Window;
import org.likeness.testing.OnSoftCudnn;
import org.likeness.testing.SoftCuda;
import org.likeness.testing.SoftCudnn;

/** What a plan with the libraries' engines costs, which engines it has, and what may fail. */
@OnSoftCudnn
class CudnnProgramTest {
  /** What may fail; what cannot be destroyed stays alive. */
  private static final List<String> CALLS =
      List.of(
          "cudnnCreate",
          "cudnnSetStream",
          "cudnnBackendCreateDescriptor",
          "cudnnBackendSetAttribute",
          "cudnnBackendGetAttribute",
          "cudnnBackendFinalize",
          "cudnnBackendExecute");

  private final SoftCuda softCuda = SoftCuda.open().orThrow();
  private final SoftCudnn softCudnn = SoftCudnn.open().orThrow();
  @TempDir private Path cache;

  @BeforeEach
  void reset() {
    softCuda.reset("cc=86");
    softCudnn.reset();
  }

  @AfterEach
  void nothingIsLeft() {
    softCuda.fail(0, 0);
    assertEquals("", softCudnn.liveObjects());
    assertEquals("", softCuda.liveObjects());
  }

  private CudaDevice open(Provider provider, Measure tuning) {
    return SoftDevice.open(new CudaOptions(false, tuning, provider, cache));
  }

  private CudaDevice open() {
    return open(Provider.CUDNN, Measure.NEVER);
  }

  @Test
  void plannedBytesAreAllocatedBytesAndAStepIsOneLaunchThatAllocatesNothing() {
    Graph graph = CudaProgramTest.tinyStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = open();
        State state = device.allocate(graph.persistent())) {
      ExecutionPlan plan = ExecutionPlan.of(graph, device.profile(graph));
      try (Program program = device.load(plan, state)) {
        assertEquals(plan.memory().totalBytes(), softCuda.allocated());
        assertTrue(((CudaProgram) program).isOneGraph());
        CudaProgramTest.feed(program, arena);
        program.run();
        long allocations = softCuda.count("cuMemAlloc_v2") + softCuda.count("cuMemHostAlloc");
        long launches = softCuda.count("cuGraphLaunch");
        long descriptors = softCudnn.count("cudnnBackendCreateDescriptor");
        for (int i = 0; i < 3; i++) {
          CudaProgramTest.feed(program, arena);
          program.run();
          program.read("src_loss", arena.allocate(4));
        }
        assertEquals(
            allocations, softCuda.count("cuMemAlloc_v2") + softCuda.count("cuMemHostAlloc"));
        assertEquals(launches + 3, softCuda.count("cuGraphLaunch"));
        assertEquals(descriptors, softCudnn.count("cudnnBackendCreateDescriptor"));
        assertEquals(plan.memory().totalBytes(), softCuda.peak());
      }
    }
  }

  /** A convolution of 3 x 3 with everything that can be fused, and its gradients. */
  private static Graph layer() {
    GraphBuilder b = new GraphBuilder();
    Shape image = Shape.of(1, 6, 6, 8);
    Window window = Window.centred(3, 1);
    Tensor x = b.leaf(Role.FEED, "x", image, DType.F32);
    Tensor w = b.leaf(Role.FEED, "w", Shape.of(8, 3, 3, 8), DType.F32);
    Tensor bias = b.leaf(Role.FEED, "bias", Shape.of(8), DType.F32);
    Linear.Epilogue leaky = new Linear.Epilogue(false, Activation.leakyRelu(0.1));
    Tensor y = b.add("y", new Linear.Conv2d(window, 1, true, leaky), x, w, bias);
    Tensor dx = b.add("dx", new Linear.Conv2dDgrad(window, 1, image), y, w);
    Tensor dw = b.add("dw", new Linear.Conv2dWgrad(window, 1, w.shape(), false), x, dx);
    b.fetch("dw", dw);
    return b.build();
  }

  /** Returns the way of each direction, by its name. */
  private Map<String, String> ways(CudaDevice device) {
    Graph graph = layer();
    try (Arena arena = Arena.ofConfined();
        State state = device.allocate(graph.persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      CudaProgramTest.feed(program, arena);
      program.run();
      program.read("dw", arena.allocate(8 * 9 * 8 * Float.BYTES));
      Map<String, String> ways = new TreeMap<>();
      device
          .algorithms()
          .chosen()
          .forEach((shape, way) -> ways.put(shape.substring(0, shape.indexOf(' ')), way));
      return ways;
    }
  }

  private static List<String> starts(Map<String, String> ways) {
    return ways.values().stream().map(way -> way.replaceAll("eng.*", "")).toList();
  }

  @Test
  void aFusedEngineIsTakenWhereThereIsOne() {
    try (CudaDevice device = open()) {
      assertEquals(List.of("cuDNN/", "cuDNN/", "cuDNN/"), starts(ways(device)));
    }
  }

  @Test
  void withoutFusedEnginesOursFinishTheConvolution() {
    softCudnn.reset("only_plain=1");
    try (CudaDevice device = open()) {
      assertEquals(List.of("cuDNN/", "cuDNN+epilogue/", "cuDNN/"), starts(ways(device)));
    }
  }

  @Test
  void enginesThatAreNotDeterministicAreNeverUsed() {
    softCudnn.reset("nondeterministic=1");
    try (CudaDevice device = open()) {
      assertTrue(
          starts(ways(device)).stream().allMatch(way -> way.startsWith("f32_")),
          ways(device)::toString);
    }
  }

  /** Engine 5 wants a large workspace; one byte above the ceiling it is not even measured. */
  @Test
  void anEngineAboveTheWorkspaceCeilingIsNeverUsed() {
    for (long bytes :
        new long[] {ConvolutionChoice.WORKSPACE_CEILING, ConvolutionChoice.WORKSPACE_CEILING + 1}) {
      softCudnn.reset("engines=5", "workspace=" + bytes);
      boolean fits = bytes <= ConvolutionChoice.WORKSPACE_CEILING;
      try (CudaDevice device = open()) {
        Map<String, String> ways = ways(device);
        assertEquals(fits, ways.get("dgrad").startsWith("cuDNN/eng5"), ways::toString);
        Graph graph = layer();
        long workspace =
            graph.nodes().stream()
                .mapToLong(node -> device.profile(graph).workspaceBytes(node))
                .max()
                .orElseThrow();
        assertEquals(fits, workspace == bytes, workspace + " bytes");
      }
    }
  }

  /** What is measured once is known to the next device, and again unknown to a newer library. */
  @Test
  void whatWasMeasuredIsKeptPerVersionOfTheLibrary() throws Exception {
    Map<String, String> first;
    try (CudaDevice device = open(Provider.AUTO, Measure.ONCE)) {
      first = ways(device);
    }
    assertEquals(1, files().size(), files()::toString);
    String name = files().getFirst();
    assertTrue(name.contains("-cudnn-9.28.0"), name);
    long executions = softCudnn.count("cudnnBackendExecute");
    try (CudaDevice device = open(Provider.AUTO, Measure.ONCE)) {
      assertEquals(first, ways(device));
    }
    long again = softCudnn.count("cudnnBackendExecute") - executions;
    assertTrue(again <= 6, again + " executions of 3 nodes: one to warm up, one in the step");
    softCudnn.reset("version=92900");
    try (CudaDevice device = open(Provider.AUTO, Measure.ONCE)) {
      ways(device);
    }
    assertEquals(2, files().size(), files()::toString);
    try (CudaDevice device = open(Provider.OURS, Measure.ONCE)) {
      assertTrue(starts(ways(device)).stream().allMatch(way -> way.startsWith("f32_")));
    }
    assertEquals(3, files().size(), files()::toString);
  }

  private List<String> files() throws Exception {
    try (Stream<Path> files = Files.list(cache)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anEarlierRunsWaysAreReusedOnlyWithItsLibraries() {
    Algorithms earlier;
    try (CudaDevice device = open()) {
      ways(device);
      earlier = device.algorithms();
    }
    try (CudaDevice device = open(Provider.AUTO, Measure.NEVER)) {
      device.reuse(earlier);
      ways(device);
      assertEquals(earlier.chosen(), device.algorithms().chosen());
      assertTrue(earlier.difference(device.algorithms()).isEmpty());
    }
    softCudnn.reset("version=92900");
    try (CudaDevice device = open(Provider.AUTO, Measure.NEVER)) {
      device.reuse(earlier);
      ways(device);
      assertEquals(
          "3 of 3 convolutions and products; cuDNN was 9.28.0 and is 9.29.0",
          earlier.difference(device.algorithms()).orElse(""));
    }
  }

  /** Calls of cuDNN fail in turn: a typed error or another way, and nothing left alive. */
  @Test
  void everyCallMayFail() {
    live();
    Map<String, Long> calls = new TreeMap<>();
    CALLS.forEach(function -> calls.put(function, softCudnn.count(function)));
    int failures = 0;
    for (Map.Entry<String, Long> call : calls.entrySet()) {
      for (long n = 1; n <= call.getValue(); n += 1 + n / 5) {
        softCuda.reset("cc=86");
        softCudnn.reset();
        softCudnn.fail(call.getKey(), n, 4000);
        String what = call.getKey() + " failed the " + n + "th of " + call.getValue() + " times";
        try {
          live();
        } catch (CudaException | DeviceMemoryException | NativeLibraryException e) {
          assertTrue(e.getMessage().startsWith(call.getKey()), e.getMessage());
          failures++;
        } catch (RuntimeException e) {
          throw new AssertionError(what, e);
        }
        assertEquals("", softCudnn.liveObjects(), what);
        assertEquals("", softCuda.liveObjects(), what);
      }
    }
    assertTrue(failures > 20, failures + " failures");
  }

  private void live() {
    Graph graph = CudaProgramTest.smallStep();
    try (Arena arena = Arena.ofConfined();
        CudaDevice device = open();
        State state = device.allocate(graph.persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      CudaProgramTest.feed(program, arena);
      program.run();
      program.read("y", arena.allocate(256));
      state.read("w", arena.allocate(64));
    }
  }
}
