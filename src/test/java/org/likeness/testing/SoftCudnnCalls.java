package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.likeness.testing.SoftCudaCalls.pointer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * cuDNN calls as a C program would make them, for tests of softcudnn itself; constants are cuDNN's,
 * by number, as its documentation lists them.
 */
final class SoftCudnnCalls implements AutoCloseable {
  static final int TENSOR = 17;
  static final int CONVOLUTION = 1;
  static final int FORWARD = 10;
  static final int BACKWARD_FILTER = 11;
  static final int BACKWARD_DATA = 12;
  static final int POINTWISE = 0;
  static final int OPERATION_POINTWISE = 13;
  static final int GRAPH = 15;
  static final int HEURISTICS = 4;
  static final int ENGINE = 2;
  static final int CONFIG = 3;
  static final int PLAN = 5;
  static final int PACK = 16;

  static final int HANDLE_TYPE = 0;
  static final int DATA_TYPE = 1;
  static final int BOOLEAN_TYPE = 2;
  static final int INT64_TYPE = 3;
  static final int FLOAT_TYPE = 4;
  static final int DOUBLE_TYPE = 5;
  static final int POINTER_TYPE = 6;
  static final int CONVOLUTION_MODE_TYPE = 7;
  static final int HEURISTIC_MODE_TYPE = 8;
  static final int NUMERICAL_NOTE_TYPE = 11;
  static final int POINTWISE_MODE_TYPE = 14;
  static final int DESCRIPTOR_TYPE = 15;

  static final int F32 = 0;
  static final int F16 = 2;
  static final int BF16 = 9;

  private static final MemorySegment NULL = MemorySegment.NULL;

  final SoftCudaCalls cuda;
  final SoftCudnn softCudnn;
  final MemorySegment handle;

  private SoftCudnnCalls(SoftCudaCalls cuda, SoftCudnn softCudnn) {
    this.cuda = cuda;
    this.softCudnn = softCudnn;
    this.handle = pointer(out("cudnnCreate"));
  }

  /** Resets both to the settings, of which the cuDNN's are given, and creates a handle. */
  static SoftCudnnCalls on(SoftCuda softCuda, SoftCudnn softCudnn, String... settings) {
    SoftCudaCalls cuda = SoftCudaCalls.on(softCuda);
    softCudnn.reset(settings);
    return new SoftCudnnCalls(cuda, softCudnn);
  }

  /** Calls a function that must succeed. */
  void ok(String function, Object... arguments) {
    assertEquals(0, softCudnn.status(function, arguments), softCudnn::lastRefusal);
  }

  /** Calls a function that must be refused with a status and a sentence that begins so. */
  void refused(int status, String sentence, String function, Object... arguments) {
    assertEquals(status, softCudnn.status(function, arguments), softCudnn::lastRefusal);
    String said = softCudnn.lastRefusal();
    assertTrue(said.startsWith(function + ": " + sentence), said);
  }

  private long out(String function, Object... rest) {
    MemorySegment place = cuda.arena.allocate(8);
    Object[] arguments = Arrays.copyOf(rest, rest.length + 1);
    arguments[rest.length] = place;
    ok(function, arguments);
    return place.get(ValueLayout.JAVA_LONG, 0);
  }

  MemorySegment create(int kind) {
    return pointer(out("cudnnBackendCreateDescriptor", kind));
  }

  void set(MemorySegment descriptor, int attribute, int type, long count, MemorySegment values) {
    ok("cudnnBackendSetAttribute", descriptor, attribute, type, count, values);
  }

  void ints(MemorySegment descriptor, int attribute, int type, int... values) {
    set(descriptor, attribute, type, values.length, array(values));
  }

  void longs(MemorySegment descriptor, int attribute, long... values) {
    set(descriptor, attribute, INT64_TYPE, values.length, array(values));
  }

  void floats(MemorySegment descriptor, int attribute, float... values) {
    MemorySegment array = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    set(descriptor, attribute, FLOAT_TYPE, values.length, array);
  }

  void pointers(MemorySegment descriptor, int attribute, int type, MemorySegment... values) {
    set(descriptor, attribute, type, values.length, array(values));
  }

  MemorySegment array(int... values) {
    return cuda.arena.allocateFrom(ValueLayout.JAVA_INT, values);
  }

  MemorySegment array(long... values) {
    return cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, values);
  }

  MemorySegment array(MemorySegment... values) {
    return array(Arrays.stream(values).mapToLong(MemorySegment::address).toArray());
  }

  MemorySegment finished(MemorySegment descriptor) {
    ok("cudnnBackendFinalize", descriptor);
    return descriptor;
  }

  /** A tensor that is not finalized, stored (n,h,w,c), with dimensions in cuDNN's order n,c,h,w. */
  MemorySegment tensor(int type, long id, long n, long c, long h, long w) {
    MemorySegment tensor = create(TENSOR);
    ints(tensor, 901, DATA_TYPE, type);
    longs(tensor, 902, n, c, h, w);
    longs(tensor, 903, c * h * w, 1, w * c, c);
    longs(tensor, 906, id);
    longs(tensor, 900, 16);
    return tensor;
  }

  MemorySegment virtual(long id, long n, long c, long h, long w) {
    MemorySegment tensor = tensor(F32, id, n, c, h, w);
    set(tensor, 907, BOOLEAN_TYPE, 1, cuda.arena.allocateFrom(ValueLayout.JAVA_BYTE, (byte) 1));
    return finished(tensor);
  }

  /** A cross-correlation that is not finalized. */
  MemorySegment convolution(long before, long after, long stride, long dilation) {
    MemorySegment convolution = create(CONVOLUTION);
    ints(convolution, 100, DATA_TYPE, F32);
    ints(convolution, 101, CONVOLUTION_MODE_TYPE, 1);
    longs(convolution, 106, 2);
    longs(convolution, 102, dilation, dilation);
    longs(convolution, 103, stride, stride);
    longs(convolution, 105, before, before);
    longs(convolution, 104, after, after);
    return convolution;
  }

  /** A convolution's operation that is not finalized; w, x and y stand for gradients too. */
  MemorySegment operation(
      int kind, MemorySegment convolution, MemorySegment x, MemorySegment w, MemorySegment y) {
    MemorySegment operation = create(kind);
    int first = kind == FORWARD ? 700 : kind == BACKWARD_DATA ? 706 : 712;
    floats(operation, first, 1);
    floats(operation, first + 1, 0);
    pointers(operation, first + 2, DESCRIPTOR_TYPE, convolution);
    pointers(operation, first + 3, DESCRIPTOR_TYPE, w);
    pointers(operation, first + 4, DESCRIPTOR_TYPE, x);
    pointers(operation, first + 5, DESCRIPTOR_TYPE, y);
    return operation;
  }

  MemorySegment graph(MemorySegment... operations) {
    MemorySegment graph = create(GRAPH);
    pointers(graph, 800, HANDLE_TYPE, handle);
    pointers(graph, 801, DESCRIPTOR_TYPE, operations);
    return finished(graph);
  }

  /** An engine's configuration, with no knobs. */
  MemorySegment config(MemorySegment graph, long index) {
    MemorySegment engine = create(ENGINE);
    pointers(engine, 1300, DESCRIPTOR_TYPE, graph);
    longs(engine, 1301, index);
    MemorySegment config = create(CONFIG);
    pointers(config, 300, DESCRIPTOR_TYPE, finished(engine));
    return finished(config);
  }

  MemorySegment plan(MemorySegment config) {
    MemorySegment plan = create(PLAN);
    pointers(plan, 400, HANDLE_TYPE, handle);
    pointers(plan, 401, DESCRIPTOR_TYPE, config);
    return finished(plan);
  }

  long workspace(MemorySegment plan) {
    return get(plan, 402, INT64_TYPE, 1)[0];
  }

  /** Reads 64-bit values of a finalized descriptor. */
  long[] get(MemorySegment descriptor, int attribute, int type, int count) {
    MemorySegment values = cuda.arena.allocate(8L * Math.max(1, count), 8);
    MemorySegment found = cuda.arena.allocate(8);
    ok("cudnnBackendGetAttribute", descriptor, attribute, type, (long) count, found, values);
    int read = (int) Math.min(count, found.get(ValueLayout.JAVA_LONG, 0));
    return values.asSlice(0, 8L * read).toArray(ValueLayout.JAVA_LONG);
  }

  /** How many values a finalized descriptor has of an attribute. */
  long count(MemorySegment descriptor, int attribute, int type) {
    MemorySegment found = cuda.arena.allocate(8);
    ok("cudnnBackendGetAttribute", descriptor, attribute, type, 0L, found, NULL);
    return found.get(ValueLayout.JAVA_LONG, 0);
  }

  /** A pack of addresses with the unique ids 1, 2, ... */
  MemorySegment pack(long workspace, long... addresses) {
    long[] ids = new long[addresses.length];
    Arrays.setAll(ids, i -> i + 1);
    return pack(workspace, ids, addresses);
  }

  MemorySegment pack(long workspace, long[] ids, long[] addresses) {
    MemorySegment pack = create(PACK);
    longs(pack, 1000, ids);
    set(pack, 1001, POINTER_TYPE, addresses.length, array(addresses));
    set(pack, 1003, POINTER_TYPE, 1, array(workspace));
    return finished(pack);
  }

  void execute(MemorySegment plan, MemorySegment pack) {
    ok("cudnnBackendExecute", handle, plan, pack);
  }

  /** Device memory that holds these. */
  long upload(float... values) {
    long address = cuda.memory(4L * values.length);
    MemorySegment host = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    cuda.ok("cuMemcpyHtoD_v2", address, host, 4L * values.length);
    return address;
  }

  float[] download(long address, int count) {
    MemorySegment host = cuda.arena.allocate(4L * count, 4);
    cuda.ok("cuMemcpyDtoH_v2", host, address, 4L * count);
    return host.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    cuda.close();
  }
}
