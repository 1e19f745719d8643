package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.likeness.testing.SoftCudaCalls.pointer;
import static org.likeness.testing.SoftCudnnCalls.BACKWARD_DATA;
import static org.likeness.testing.SoftCudnnCalls.BF16;
import static org.likeness.testing.SoftCudnnCalls.CONFIG;
import static org.likeness.testing.SoftCudnnCalls.DATA_TYPE;
import static org.likeness.testing.SoftCudnnCalls.DESCRIPTOR_TYPE;
import static org.likeness.testing.SoftCudnnCalls.ENGINE;
import static org.likeness.testing.SoftCudnnCalls.F32;
import static org.likeness.testing.SoftCudnnCalls.FLOAT_TYPE;
import static org.likeness.testing.SoftCudnnCalls.FORWARD;
import static org.likeness.testing.SoftCudnnCalls.HEURISTICS;
import static org.likeness.testing.SoftCudnnCalls.HEURISTIC_MODE_TYPE;
import static org.likeness.testing.SoftCudnnCalls.INT64_TYPE;
import static org.likeness.testing.SoftCudnnCalls.NUMERICAL_NOTE_TYPE;
import static org.likeness.testing.SoftCudnnCalls.OPERATION_POINTWISE;
import static org.likeness.testing.SoftCudnnCalls.PLAN;
import static org.likeness.testing.SoftCudnnCalls.POINTWISE;
import static org.likeness.testing.SoftCudnnCalls.POINTWISE_MODE_TYPE;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** softcudnn's engines: which the heuristics name, what they say of themselves, and their traps. */
@OnSoftCudnn
final class SoftCudnnEngineTest {
  private static final int MODE_A = 3;
  private static final int FALLBACK = 2;
  private static final int GRAPH_PATTERN = 3001;

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;

  SoftCudnnEngineTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  private SoftCudnnCalls open(String... settings) {
    return SoftCudnnCalls.on(softCuda, softCudnn, settings);
  }

  /** A convolution of one pixel: y (k) = w (k,c) x (c), unique ids 1 for x, 2 for w, 3 for y. */
  private static MemorySegment pixel(
      SoftCudnnCalls calls, int direction, int type, MemorySegment y) {
    MemorySegment x = calls.finished(calls.tensor(type, 1, 1, 8, 1, 1));
    MemorySegment w = calls.finished(calls.tensor(type, 2, 8, 8, 1, 1));
    MemorySegment convolution = calls.finished(calls.convolution(0, 0, 1, 1));
    return calls.finished(calls.operation(direction, convolution, x, w, y));
  }

  private static MemorySegment graph(SoftCudnnCalls calls, int direction, int type) {
    MemorySegment y = calls.finished(calls.tensor(type, 3, 1, 8, 1, 1));
    return calls.graph(pixel(calls, direction, type, y));
  }

  private static List<MemorySegment> configs(SoftCudnnCalls calls, MemorySegment graph, int mode) {
    MemorySegment heuristics = calls.create(HEURISTICS);
    calls.pointers(heuristics, 201, DESCRIPTOR_TYPE, graph);
    calls.ints(heuristics, 200, HEURISTIC_MODE_TYPE, mode);
    calls.finished(heuristics);
    int count = (int) calls.count(heuristics, 202, DESCRIPTOR_TYPE);
    MemorySegment[] configs =
        IntStream.range(0, count).mapToObj(_ -> calls.create(CONFIG)).toArray(MemorySegment[]::new);
    MemorySegment found = calls.array(0L);
    calls.ok(
        "cudnnBackendGetAttribute",
        heuristics,
        202,
        DESCRIPTOR_TYPE,
        (long) count,
        found,
        calls.array(configs));
    assertEquals(count, found.get(ValueLayout.JAVA_LONG, 0));
    return List.of(configs);
  }

  private static MemorySegment engine(SoftCudnnCalls calls, MemorySegment config) {
    MemorySegment engine = calls.create(ENGINE);
    calls.ok(
        "cudnnBackendGetAttribute",
        config,
        300,
        DESCRIPTOR_TYPE,
        1L,
        calls.array(0L),
        calls.array(engine));
    return engine;
  }

  private static List<Long> engines(SoftCudnnCalls calls, MemorySegment graph, int mode) {
    return configs(calls, graph, mode).stream()
        .map(config -> calls.get(engine(calls, config), 1301, INT64_TYPE, 1)[0])
        .toList();
  }

  private static int[] notes(SoftCudnnCalls calls, MemorySegment engine) {
    int count = (int) calls.count(engine, 1303, NUMERICAL_NOTE_TYPE);
    MemorySegment values = calls.cuda.arena.allocate(4L * count + 4, 4);
    calls.ok(
        "cudnnBackendGetAttribute",
        engine,
        1303,
        NUMERICAL_NOTE_TYPE,
        (long) count,
        calls.array(0L),
        values);
    return values.asSlice(0, 4L * count).toArray(ValueLayout.JAVA_INT);
  }

  @Test
  void heuristicsNameTheEnginesThatComputeTheGraph() {
    try (SoftCudnnCalls calls = open()) {
      MemorySegment f32 = graph(calls, FORWARD, F32);
      assertEquals(List.of(2L, 2L, 6L, 7L, 4L, 1L, 1L), engines(calls, f32, MODE_A));
      assertEquals(List.of(0L), engines(calls, f32, FALLBACK));
      assertEquals(
          List.of(2L, 2L, 3L, 7L, 4L), engines(calls, graph(calls, BACKWARD_DATA, BF16), MODE_A));
    }
    try (SoftCudnnCalls calls = open("engines=4,0")) {
      assertEquals(List.of(4L, 0L), engines(calls, graph(calls, FORWARD, F32), MODE_A));
    }
  }

  @Test
  void enginesSayWhatTheyDo() {
    try (SoftCudnnCalls calls = open()) {
      List<MemorySegment> configs = configs(calls, graph(calls, BACKWARD_DATA, F32), MODE_A);
      assertArrayEquals(new int[] {0}, notes(calls, engine(calls, configs.get(0))));
      assertArrayEquals(new int[] {0, 1}, notes(calls, engine(calls, configs.get(2))));
      assertArrayEquals(new int[] {4}, notes(calls, engine(calls, configs.get(3))));
    }
    try (SoftCudnnCalls calls = open("nondeterministic=1")) {
      MemorySegment first = configs(calls, graph(calls, FORWARD, F32), FALLBACK).getFirst();
      assertArrayEquals(new int[] {4}, notes(calls, engine(calls, first)));
    }
  }

  @Test
  void anEngineMayRefuseItsPlan() {
    try (SoftCudnnCalls calls = open()) {
      MemorySegment plan = calls.create(PLAN);
      calls.pointers(plan, 400, SoftCudnnCalls.HANDLE_TYPE, calls.handle);
      calls.pointers(plan, 401, DESCRIPTOR_TYPE, calls.config(graph(calls, FORWARD, F32), 7));
      calls.refused(3000, "engine 7 (refusing) makes no plans", "cudnnBackendFinalize", plan);
    }
  }

  @Test
  void tensorCoresRoundAndUnorderedSumsDiffer() {
    float x = 1 + 0x1p-12f; // less than half of TF32's last place above 1
    float[] values = new float[8];
    values[0] = x;
    float[] identity = new float[64];
    for (int i = 0; i < 8; i++) {
      identity[9 * i] = 1;
    }
    try (SoftCudnnCalls calls = open()) {
      long y = calls.cuda.memory(32);
      long workspace = calls.cuda.memory(4096);
      long in = calls.upload(values);
      long weight = calls.upload(identity);
      float[] expected = {x, x, 1, x};
      int[] engines = {0, 1, 2, 4};
      for (int i = 0; i < engines.length; i++) {
        MemorySegment plan = calls.plan(calls.config(graph(calls, FORWARD, F32), engines[i]));
        calls.execute(plan, calls.pack(workspace, in, weight, y));
        assertEquals(expected[i], calls.download(y, 8)[0], "engine " + engines[i]);
      }
      float[] gradient = new float[8];
      Arrays.fill(gradient, 0.1f);
      long dy = calls.upload(gradient);
      MemorySegment plan = calls.plan(calls.config(graph(calls, BACKWARD_DATA, F32), 3));
      boolean same = true;
      for (int i = 0; i < 4; i++) {
        calls.execute(plan, calls.pack(0, y, weight, dy));
        float[] next = calls.download(y, 8);
        assertArrayEquals(gradient, next, 1e-7f);
        same &= Arrays.equals(gradient, next);
      }
      assertFalse(same);
    }
  }

  @Test
  void whatCompilesAtItsFirstRunCannotFirstRunInACapture() {
    try (SoftCudnnCalls calls = open()) {
      MemorySegment stream = calls.cuda.stream(1);
      calls.ok("cudnnSetStream", calls.handle, stream);
      MemorySegment plan = calls.plan(calls.config(graph(calls, FORWARD, F32), 4));
      MemorySegment pack =
          calls.pack(
              calls.cuda.memory(256),
              calls.upload(new float[8]),
              calls.upload(new float[64]),
              calls.cuda.memory(32));
      calls.cuda.ok("cuStreamBeginCapture_v2", stream, 0);
      calls.refused(
          5001,
          "engine compiled compiles at its first execution, which a capture forbids",
          "cudnnBackendExecute",
          calls.handle,
          plan,
          pack);
      calls.cuda.ok("cuGraphDestroy", pointer(calls.cuda.out2("cuStreamEndCapture", stream)));
      calls.execute(plan, pack);
      calls.cuda.ok("cuStreamBeginCapture_v2", stream, 0);
      calls.execute(plan, pack);
      calls.cuda.ok("cuGraphDestroy", pointer(calls.cuda.out2("cuStreamEndCapture", stream)));
    }
  }

  /** y = mode(x) or mode(x, b). */
  private static MemorySegment pointwise(
      SoftCudnnCalls calls,
      int mode,
      float slope,
      MemorySegment x,
      MemorySegment b,
      MemorySegment y) {
    MemorySegment descriptor = calls.create(POINTWISE);
    calls.ints(descriptor, 0, POINTWISE_MODE_TYPE, mode);
    calls.ints(descriptor, 1, DATA_TYPE, F32);
    calls.floats(descriptor, 5, slope);
    MemorySegment operation = calls.create(OPERATION_POINTWISE);
    calls.pointers(operation, 750, DESCRIPTOR_TYPE, calls.finished(descriptor));
    calls.pointers(operation, 751, DESCRIPTOR_TYPE, x);
    if (b != null) {
      calls.pointers(operation, 752, DESCRIPTOR_TYPE, b);
    }
    calls.pointers(operation, 753, DESCRIPTOR_TYPE, y);
    return calls.finished(operation);
  }

  /** y = leaky(scale * (w x) + bias, 0.25), unique ids 1 x, 2 w, 3 y, 4 bias, 5 scale. */
  private static MemorySegment fused(SoftCudnnCalls calls, MemorySegment y) {
    MemorySegment scale = calls.tensor(F32, 5, 1, 1, 1, 1);
    calls.set(
        scale,
        908,
        SoftCudnnCalls.BOOLEAN_TYPE,
        1,
        calls.cuda.arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 1));
    MemorySegment bias = calls.finished(calls.tensor(F32, 4, 1, 8, 1, 1));
    MemorySegment[] between = new MemorySegment[3];
    Arrays.setAll(between, i -> calls.virtual(100 + i, 1, 8, 1, 1));
    return calls.graph(
        pixel(calls, FORWARD, F32, between[0]),
        pointwise(calls, 1, 0, between[0], calls.finished(scale), between[1]),
        pointwise(calls, 0, 0, between[1], bias, between[2]),
        pointwise(calls, 100, 0.25f, between[2], null, y));
  }

  @Test
  void aFusedGraphIsItsOperationsInOrder() {
    try (SoftCudnnCalls calls = open()) {
      MemorySegment y = calls.finished(calls.tensor(F32, 3, 1, 8, 1, 1));
      MemorySegment graph = fused(calls, y);
      assertEquals(List.of(2L, 2L, 6L, 7L, 4L), engines(calls, graph, MODE_A));
      MemorySegment plan = calls.plan(calls.config(graph, 4));
      float[] weight = new float[64];
      weight[0] = 3; // k 0, c 0
      weight[9] = -5; // k 1, c 1
      float[] x = {1, 2, 0, 0, 0, 0, 0, 0};
      float[] bias = {1, 2, -4, 0, 0, 0, 0, 8};
      MemorySegment scale = calls.cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0.5f);
      long out = calls.cuda.memory(32);
      long[] addresses = {
        calls.upload(x), calls.upload(weight), out, calls.upload(bias), scale.address()
      };
      calls.execute(plan, calls.pack(calls.cuda.memory(256), addresses));
      scale.set(ValueLayout.JAVA_FLOAT, 0, 7); // read at the call
      assertArrayEquals(new float[] {2.5f, -0.75f, -1, 0, 0, 0, 0, 8}, calls.download(out, 8));
    }
  }

  @Test
  void withoutFusedEnginesOnlySingleOperationsRemain() {
    try (SoftCudnnCalls calls = open("only_plain=1")) {
      MemorySegment y = calls.finished(calls.tensor(F32, 3, 1, 8, 1, 1));
      MemorySegment graph = fused(calls, y);
      assertEquals(List.of(), configs(calls, graph, MODE_A));
      MemorySegment heuristics = calls.create(HEURISTICS);
      calls.pointers(heuristics, 201, DESCRIPTOR_TYPE, graph);
      calls.ints(heuristics, 200, HEURISTIC_MODE_TYPE, FALLBACK);
      calls.refused(
          GRAPH_PATTERN,
          "no engine of heuristic mode 2 computes the graph",
          "cudnnBackendFinalize",
          heuristics);
    }
  }

  @Test
  void virtualTensorsLinkOperations() {
    try (SoftCudnnCalls calls = open()) {
      MemorySegment graph = calls.create(SoftCudnnCalls.GRAPH);
      calls.pointers(graph, 800, SoftCudnnCalls.HANDLE_TYPE, calls.handle);
      MemorySegment loose = pixel(calls, FORWARD, F32, calls.virtual(100, 1, 8, 1, 1));
      calls.pointers(graph, 801, DESCRIPTOR_TYPE, loose);
      calls.refused(
          2000,
          "tensor 100 (1,8,1,1) is virtual and no operation's input",
          "cudnnBackendFinalize",
          graph);
      MemorySegment beta = calls.create(FORWARD);
      calls.refused(
          2010,
          "CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA has attribute type 4, not 3",
          "cudnnBackendSetAttribute",
          beta,
          701,
          INT64_TYPE,
          1L,
          calls.array(0L));
      calls.set(beta, 701, FLOAT_TYPE, 1, calls.cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0));
    }
  }
}
