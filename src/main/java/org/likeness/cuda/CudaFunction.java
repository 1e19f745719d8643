package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.likeness.ffi.C;

/** A kernel. It lives as long as its module. */
public final class CudaFunction {
  static final int MAX_THREADS = 0;
  static final int STATIC_SHARED = 1;
  static final int LOCAL = 3;
  static final int REGISTERS = 4;
  static final int MAX_DYNAMIC_SHARED = 8;

  /** Dynamic shared memory that a launch may have without being allowed more. */
  private static final int USUAL_SHARED = 48 << 10;

  private final CudaContext context;
  private final String name;
  private final long handle;
  private final List<Parameter> parameters;
  private int allowedShared;

  CudaFunction(CudaContext context, String name, long handle) {
    this.context = context;
    this.name = name;
    this.handle = handle;
    parameters = readParameters();
    allowedShared = USUAL_SHARED - attribute(STATIC_SHARED);
  }

  /** A kernel parameter's place in the parameter block. */
  public record Parameter(long offset, long bytes) {}

  /**
   * What the compiler made of the kernel.
   *
   * @param localBytes of each thread: spilled registers and arrays
   */
  public record Resources(
      int registers, int staticSharedBytes, int localBytes, int maxThreadsPerBlock) {}

  /** Returns the kernel's name in the PTX. */
  public String name() {
    return name;
  }

  /** Returns the kernel's parameters as the driver knows them. */
  public List<Parameter> parameters() {
    return parameters;
  }

  /** Returns what the compiler made of the kernel. */
  public Resources resources() {
    return new Resources(
        attribute(REGISTERS), attribute(STATIC_SHARED), attribute(LOCAL), attribute(MAX_THREADS));
  }

  /** Returns how many blocks of this size run on one multiprocessor at once. */
  public int blocksPerMultiprocessor(int threads, int sharedBytes) {
    DriverModules modules = context.functions().modules();
    return context
        .health()
        .number(
            "cuOccupancyMaxActiveBlocksPerMultiprocessor",
            out ->
                modules.occupancyMaxActiveBlocksPerMultiprocessor(
                    out, handle, threads, sharedBytes),
            name,
            threads,
            sharedBytes);
  }

  /** Returns room in {@code arena} for the arguments of a launch. */
  public LaunchArguments arguments(Arena arena) {
    return new LaunchArguments(this, arena);
  }

  /** Allows launches this much dynamic shared memory, up to the GPU's opt-in limit. */
  void allowShared(int bytes) {
    if (bytes > allowedShared) {
      context.enter();
      context
          .health()
          .check(
              context.functions().modules().funcSetAttribute(handle, MAX_DYNAMIC_SHARED, bytes),
              "cuFuncSetAttribute",
              name,
              MAX_DYNAMIC_SHARED,
              bytes);
      allowedShared = bytes;
    }
  }

  private int attribute(int attribute) {
    return context
        .health()
        .number(
            "cuFuncGetAttribute",
            out -> context.functions().modules().funcGetAttribute(out, attribute, handle),
            attribute,
            name);
  }

  private List<Parameter> readParameters() {
    DriverModules modules = context.functions().modules();
    List<Parameter> found = new ArrayList<>();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment offset = arena.allocate(C.INT64);
      MemorySegment bytes = arena.allocate(C.INT64);
      while (true) {
        int status = modules.funcGetParamInfo(handle, found.size(), offset, bytes);
        if (status == CudaStatus.INVALID_VALUE) { // there are no more
          return List.copyOf(found);
        }
        context.health().check(status, "cuFuncGetParamInfo", name, found.size());
        found.add(new Parameter(offset.get(C.INT64, 0), bytes.get(C.INT64, 0)));
      }
    }
  }

  CudaContext context() {
    return context;
  }

  long handle() {
    return handle;
  }

  @Override
  public String toString() {
    return name;
  }
}
