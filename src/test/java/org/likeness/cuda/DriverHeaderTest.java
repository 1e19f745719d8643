package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Field;
import java.lang.reflect.RecordComponent;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.testing.CCompiler;
import org.likeness.testing.CudaToolkit;
import org.likeness.testing.NeedsCudaToolkit;

/** The bindings against NVIDIA's own headers: names, types, structures and constants. */
@NeedsCudaToolkit
class DriverHeaderTest {
  private static final List<Class<? extends Record>> RECORDS =
      List.of(
          DriverStart.class,
          DriverContexts.class,
          DriverMemory.class,
          DriverVirtualMemory.class,
          DriverCopies.class,
          DriverStreams.class,
          DriverModules.class,
          DriverGraphs.class);

  @TempDir Path folder;
  private List<Path> includes;

  @BeforeEach
  void findHeaders() {
    CCompiler.assumeThere();
    includes = List.of(CudaToolkit.headers(), CudaToolkit.headers13());
  }

  /** A bound function: its exported name, where its address is kept, and how it is called. */
  private record Binding(String function, String component, MethodHandle call) {}

  private static List<Binding> bindings() throws Exception {
    List<Binding> bindings = new ArrayList<>();
    for (Class<? extends Record> type : RECORDS) {
      List<String> asked = new ArrayList<>();
      Symbols recording =
          name -> {
            asked.add(name);
            return MemorySegment.ofAddress(asked.size());
          };
      Object bound = type.getDeclaredMethod("of", Symbols.class).invoke(null, recording);
      for (RecordComponent component : type.getRecordComponents()) {
        component.getAccessor().setAccessible(true);
        long address = ((MemorySegment) component.getAccessor().invoke(bound)).address();
        String function = asked.get((int) address - 1);
        bindings.add(new Binding(function, component.getName(), handle(type, component.getName())));
      }
    }
    return bindings;
  }

  /** The constant MEM_ALLOC of the component memAlloc. */
  private static MethodHandle handle(Class<?> type, String component) throws Exception {
    for (Field field : type.getDeclaredFields()) {
      if (field.getName().replace("_", "").equalsIgnoreCase(component)
          && field.getType() == MethodHandle.class) {
        field.setAccessible(true);
        return (MethodHandle) field.get(null);
      }
    }
    throw new AssertionError(type + " has no handle for " + component);
  }

  @Test
  void everyFunctionIsBoundAsDeclared() throws Exception {
    for (Path include : includes) {
      CudaHeader header = CudaHeader.read(include, folder);
      for (Binding binding : bindings()) {
        String function = binding.function();
        assertEquals(
            binding.component(),
            Character.toLowerCase(function.charAt(2))
                + DriverSymbols.unversioned(function).substring(3));
        List<String> declared = header.functions().get(function);
        if (declared == null) {
          assertTrue(isOlderAbi(header, function), function + " is not in " + include);
          continue;
        }
        List<Class<?>> bound = binding.call().type().parameterList();
        assertEquals(MemorySegment.class, bound.getFirst(), function);
        assertEquals(int.class, binding.call().type().returnType(), function);
        assertEquals(declared.size(), bound.size() - 1, function + " " + declared);
        for (int i = 0; i < declared.size(); i++) {
          String kind = header.kind(declared.get(i));
          assertTrue(
              fits(kind, bound.get(i + 1)),
              function + ": " + declared.get(i) + " is bound as " + bound.get(i + 1));
        }
      }
    }
  }

  /** Headers name the newest ABI alone; drivers export the older ones for ever. */
  private static boolean isOlderAbi(CudaHeader header, String function) {
    String base = DriverSymbols.unversioned(function);
    return Stream.of("", "_v2", "_v3").anyMatch(v -> header.functions().containsKey(base + v));
  }

  private static boolean fits(String kind, Class<?> bound) {
    return switch (kind) {
      case "pointer" -> bound == MemorySegment.class || bound == long.class;
      case "int64" -> bound == long.class;
      case "int" -> bound == int.class;
      case "byte" -> bound == byte.class;
      default -> false;
    };
  }

  @Test
  void structuresAndConstantsAreTheHeaders() throws Exception {
    Map<String, Long> expected = new LinkedHashMap<>();
    structures(expected);
    constants(expected);
    StringBuilder program = new StringBuilder("#include <cuda.h>\n#include <stddef.h>\n");
    program.append("#include <stdio.h>\nint main(void) {\n");
    expected
        .keySet()
        .forEach(e -> program.append("  printf(\"%lld\\n\", (long long)(" + e + "));\n"));
    program.append("}\n");
    for (Path include : includes) {
      List<String> values = CCompiler.printed(include, program.toString(), folder).lines().toList();
      int line = 0;
      for (Map.Entry<String, Long> e : expected.entrySet()) {
        assertEquals(e.getValue(), Long.valueOf(values.get(line++)), e.getKey() + " in " + include);
      }
    }
  }

  private static void structures(Map<String, Long> expected) {
    expected.put("sizeof(CUuuid)", 16L);
    expected.put("sizeof(CUmemAllocationProp)", VirtualMemory.PROPERTIES_BYTES);
    expected.put("offsetof(CUmemAllocationProp, type)", 0L);
    expected.put("offsetof(CUmemAllocationProp, location.type)", 8L);
    expected.put("offsetof(CUmemAllocationProp, location.id)", 12L);
    expected.put("sizeof(CUmemAccessDesc)", VirtualMemory.ACCESS_BYTES);
    expected.put("offsetof(CUmemAccessDesc, location.type)", 0L);
    expected.put("offsetof(CUmemAccessDesc, location.id)", 4L);
    expected.put("offsetof(CUmemAccessDesc, flags)", 8L);
    expected.put("sizeof(CUgraphExecUpdateResultInfo)", CudaGraphExec.RESULT_INFO_BYTES);
    expected.put("sizeof(CUdeviceptr)", 8L);
    expected.put("sizeof(CUstream)", 8L);
    expected.put("sizeof(CUdevice)", 4L);
  }

  private static void constants(Map<String, Long> expected) {
    Map<String, Integer> constants = new LinkedHashMap<>();
    constants.put("CUDA_SUCCESS", CudaStatus.SUCCESS);
    constants.put("CUDA_ERROR_INVALID_VALUE", CudaStatus.INVALID_VALUE);
    constants.put("CUDA_ERROR_OUT_OF_MEMORY", CudaStatus.OUT_OF_MEMORY);
    constants.put("CUDA_ERROR_STUB_LIBRARY", CudaStatus.STUB_LIBRARY);
    constants.put("CUDA_ERROR_NO_DEVICE", CudaStatus.NO_DEVICE);
    constants.put("CUDA_ERROR_UNSUPPORTED_PTX_VERSION", CudaStatus.UNSUPPORTED_PTX_VERSION);
    constants.put("CUDA_ERROR_NOT_READY", CudaStatus.NOT_READY);
    constants.put("CUDA_ERROR_SYSTEM_DRIVER_MISMATCH", CudaStatus.SYSTEM_DRIVER_MISMATCH);
    constants.put("CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", CudaStatus.GRAPH_EXEC_UPDATE_FAILURE);
    constants.put("CU_STREAM_NON_BLOCKING", CudaContext.NON_BLOCKING);
    constants.put("CU_EVENT_BLOCKING_SYNC", CudaContext.BLOCKING_SYNC);
    constants.put("CU_EVENT_DISABLE_TIMING", CudaContext.DISABLE_TIMING);
    constants.put("CU_MEMHOSTALLOC_PORTABLE", PinnedMemory.PORTABLE);
    constants.put("CU_MEMHOSTALLOC_DEVICEMAP", PinnedMemory.MAPPED);
    constants.put("CU_STREAM_CAPTURE_MODE_THREAD_LOCAL", StreamCapture.THREAD_LOCAL);
    constants.put("CU_GRAPH_DEBUG_DOT_FLAGS_VERBOSE", CudaGraph.VERBOSE);
    constants.put("CU_MEM_ALLOCATION_TYPE_PINNED", VirtualMemory.PINNED);
    constants.put("CU_MEM_LOCATION_TYPE_DEVICE", VirtualMemory.ON_DEVICE);
    constants.put("CU_MEM_ACCESS_FLAGS_PROT_READWRITE", VirtualMemory.READ_WRITE);
    constants.put("CU_MEM_ALLOC_GRANULARITY_MINIMUM", VirtualMemory.MINIMUM_GRANULARITY);
    constants.put("CU_JIT_ERROR_LOG_BUFFER", CudaModule.ERROR_LOG_BUFFER);
    constants.put("CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES", CudaModule.ERROR_LOG_BYTES);
    constants.put("CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK", CudaFunction.MAX_THREADS);
    constants.put("CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES", CudaFunction.STATIC_SHARED);
    constants.put("CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES", CudaFunction.LOCAL);
    constants.put("CU_FUNC_ATTRIBUTE_NUM_REGS", CudaFunction.REGISTERS);
    constants.put(
        "CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES", CudaFunction.MAX_DYNAMIC_SHARED);
    String attribute = "CU_DEVICE_ATTRIBUTE_";
    constants.put(attribute + "CLOCK_RATE", CudaDriver.CLOCK);
    constants.put(attribute + "MULTIPROCESSOR_COUNT", CudaDriver.MULTIPROCESSORS);
    constants.put(attribute + "MEMORY_CLOCK_RATE", CudaDriver.MEMORY_CLOCK);
    constants.put(attribute + "GLOBAL_MEMORY_BUS_WIDTH", CudaDriver.BUS_BITS);
    constants.put(attribute + "L2_CACHE_SIZE", CudaDriver.L2_BYTES);
    constants.put(attribute + "COMPUTE_CAPABILITY_MAJOR", CudaDriver.CAPABILITY_MAJOR);
    constants.put(attribute + "COMPUTE_CAPABILITY_MINOR", CudaDriver.CAPABILITY_MINOR);
    constants.put(attribute + "MAX_SHARED_MEMORY_PER_BLOCK_OPTIN", CudaDriver.SHARED_OPT_IN);
    constants.put(attribute + "VIRTUAL_MEMORY_MANAGEMENT_SUPPORTED", CudaDriver.VIRTUAL_MEMORY);
    constants.forEach((name, value) -> expected.put(name, (long) value));
  }
}
