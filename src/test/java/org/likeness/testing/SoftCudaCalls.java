package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Driver calls as a C program would make them, for tests of softcuda itself: by exported name, with
 * int, long and pointer arguments, on device 0's primary context.
 */
final class SoftCudaCalls implements AutoCloseable {
  /** {@code store(p, v): *p = v} and {@code add(p, v): p[tid] += v}, for any architecture. */
  static final String PTX =
      """
      .version 8.4
      .target sm_75
      .address_size 64
      .visible .entry store(.param .u64 store_param_0, .param .u32 store_param_1)
      {
        .reg .b32 %r<2>;
        .reg .b64 %rd<3>;
        ld.param.u64 %rd1, [store_param_0];
        ld.param.u32 %r1, [store_param_1];
        cvta.to.global.u64 %rd2, %rd1;
        st.global.u32 [%rd2], %r1;
        ret;
      }
      .visible .entry add(.param .u64 add_param_0, .param .u32 add_param_1)
      .maxntid 256, 1, 1
      {
        .reg .b32 %r<5>;
        .reg .b64 %rd<5>;
        ld.param.u64 %rd1, [add_param_0];
        ld.param.u32 %r1, [add_param_1];
        cvta.to.global.u64 %rd2, %rd1;
        mov.u32 %r2, %tid.x;
        mul.wide.u32 %rd3, %r2, 4;
        add.s64 %rd4, %rd2, %rd3;
        ld.global.u32 %r3, [%rd4];
        add.s32 %r4, %r3, %r1;
        st.global.u32 [%rd4], %r4;
        ret;
      }
      """;

  private final SoftCuda softCuda;
  final Arena arena = Arena.ofShared();

  private SoftCudaCalls(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  /** Resets the device to the settings and makes its context current. */
  static SoftCudaCalls on(SoftCuda softCuda, String... settings) {
    SoftCudaCalls calls = new SoftCudaCalls(softCuda);
    softCuda.reset(settings);
    calls.ok("cuInit", 0);
    calls.ok("cuCtxSetCurrent", pointer(calls.out("cuDevicePrimaryCtxRetain", 0)));
    return calls;
  }

  /** Calls a function and returns its status. */
  int status(String function, Object... arguments) {
    return softCuda.status(function, arguments);
  }

  /** Calls a function that must succeed. */
  void ok(String function, Object... arguments) {
    assertEquals(0, status(function, arguments), () -> function + ": " + softCuda.lastRefusal());
  }

  /** Calls a function that must be refused. */
  void refused(int status, String function, Object... arguments) {
    assertEquals(
        status, status(function, arguments), () -> function + ": " + softCuda.lastRefusal());
  }

  /** Calls a function that must succeed and returns what it wrote through its first argument. */
  long out(String function, Object... rest) {
    MemorySegment place = arena.allocate(8);
    Object[] arguments = new Object[rest.length + 1];
    arguments[0] = place;
    System.arraycopy(rest, 0, arguments, 1, rest.length);
    ok(function, arguments);
    return place.get(ValueLayout.JAVA_LONG, 0);
  }

  /** Like {@link #out}, for functions that answer through their second argument. */
  long out2(String function, Object first) {
    MemorySegment place = arena.allocate(8);
    ok(function, first, place);
    return place.get(ValueLayout.JAVA_LONG, 0);
  }

  static MemorySegment pointer(long handle) {
    return MemorySegment.ofAddress(handle);
  }

  MemorySegment stream(int flags) {
    return pointer(out("cuStreamCreate", flags));
  }

  MemorySegment event() {
    return pointer(out("cuEventCreate", 2));
  }

  long memory(long bytes) {
    return out("cuMemAlloc_v2", bytes);
  }

  MemorySegment pinned(long bytes) {
    return pointer(out("cuMemHostAlloc", bytes, 0)).reinterpret(bytes);
  }

  MemorySegment function(String name) {
    long module = out("cuModuleLoadData", arena.allocateFrom(PTX));
    return pointer(out("cuModuleGetFunction", pointer(module), arena.allocateFrom(name)));
  }

  /** The parameters of {@link #PTX}'s kernels as a launch takes them. */
  MemorySegment parameters(long address, int value) {
    MemorySegment block = arena.allocate(16, 8);
    block.set(ValueLayout.JAVA_LONG, 0, address);
    block.set(ValueLayout.JAVA_INT, 8, value);
    MemorySegment pointers = arena.allocate(16, 8);
    pointers.set(ValueLayout.ADDRESS, 0, block);
    pointers.set(ValueLayout.ADDRESS, 8, block.asSlice(8));
    return pointers;
  }

  /** Launches one block of a kernel of {@link #PTX}; the parameters are overwritten after it. */
  void launch(MemorySegment function, int threads, MemorySegment stream, long address, int value) {
    MemorySegment parameters = parameters(address, value);
    ok(
        "cuLaunchKernel",
        function,
        1,
        1,
        1,
        threads,
        1,
        1,
        0,
        stream,
        parameters,
        MemorySegment.NULL);
    parameters.get(ValueLayout.ADDRESS, 0).reinterpret(16).fill((byte) -1);
  }

  /** Reads an int of device memory after all work. */
  int read(long address) {
    MemorySegment value = arena.allocate(4);
    ok("cuMemcpyDtoH_v2", value, address, 4L);
    return value.get(ValueLayout.JAVA_INT, 0);
  }

  void write(long address, int value) {
    ok("cuMemcpyHtoD_v2", address, arena.allocateFrom(ValueLayout.JAVA_INT, value), 4L);
  }

  @Override
  public void close() {
    arena.close();
  }
}
