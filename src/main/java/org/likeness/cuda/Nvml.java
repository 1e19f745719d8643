package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.likeness.ffi.Availability;
import org.likeness.ffi.C;
import org.likeness.ffi.LibrarySearch;
import org.likeness.ffi.NativeLibrary;

/** NVML: what a GPU's own sensors say. Everything in it is optional; it never stops a session. */
public final class Nvml implements AutoCloseable {
  private static final int SUCCESS = 0;
  private static final int MULTIPROCESSOR_CLOCK = 1;
  private static final int MEMORY_CLOCK = 2;
  private static final int MEMORY_BYTES = 24; // nvmlMemory_t: total 0, free 8, used 16

  private final NativeLibrary library;
  private final NvmlFunctions functions;

  private Nvml(NativeLibrary library, NvmlFunctions functions) {
    this.library = library;
    this.functions = functions;
  }

  /** Opens NVML, or says why it cannot be used. */
  public static Availability<Nvml> open() {
    return open(CudaLibraries.here().nvml());
  }

  static Availability<Nvml> open(LibrarySearch search) {
    return search.search(Nvml::open).answer();
  }

  private static Availability<Nvml> open(NativeLibrary library) {
    return library
        .bind(NvmlFunctions::of)
        .then(
            functions -> {
              int status = functions.init();
              return status == SUCCESS
                  ? new Availability.Available<>(new Nvml(library, functions))
                  : new Availability.Broken<>(
                      "NVML", C.string(functions.errorString(status)) + " (" + status + ")");
            });
  }

  /**
   * What a GPU's sensors say now; what a card does not tell is empty.
   *
   * @param usedBytes memory that all processes hold
   */
  public record Reading(
      OptionalInt multiprocessorMegahertz,
      OptionalInt memoryMegahertz,
      OptionalInt celsius,
      OptionalDouble watts,
      Optional<Long> usedBytes) {}

  /** Returns the driver's version as people know it, such as "550.54.14". */
  public Optional<String> driverVersion() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(80);
      return functions.systemGetDriverVersion(text, 80) == SUCCESS
          ? Optional.of(text.getString(0))
          : Optional.empty();
    }
  }

  /** Reads the sensors of a GPU; empty when NVML does not know it. */
  public Optional<Reading> read(Gpu gpu) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.HANDLE);
      int status = functions.deviceGetHandleByUuid(arena.allocateFrom(gpu.uuid()), out);
      if (status != SUCCESS) {
        return Optional.empty();
      }
      long device = out.get(C.HANDLE, 0);
      MemorySegment number = arena.allocate(C.INT);
      OptionalInt clock =
          value(functions.deviceGetClockInfo(device, MULTIPROCESSOR_CLOCK, number), number);
      OptionalInt memoryClock =
          value(functions.deviceGetClockInfo(device, MEMORY_CLOCK, number), number);
      OptionalInt celsius = value(functions.deviceGetTemperature(device, 0, number), number);
      OptionalInt milliwatts = value(functions.deviceGetPowerUsage(device, number), number);
      OptionalDouble watts =
          milliwatts.isPresent()
              ? OptionalDouble.of(milliwatts.getAsInt() / 1000.0)
              : OptionalDouble.empty();
      MemorySegment memory = arena.allocate(MEMORY_BYTES, 8);
      Optional<Long> used =
          functions.deviceGetMemoryInfo(device, memory) == SUCCESS
              ? Optional.of(memory.get(C.INT64, 16))
              : Optional.empty();
      return Optional.of(new Reading(clock, memoryClock, celsius, watts, used));
    }
  }

  private static OptionalInt value(int status, MemorySegment number) {
    return status == SUCCESS ? OptionalInt.of(number.get(C.INT, 0)) : OptionalInt.empty();
  }

  /** Returns the library's file or name. */
  @Override
  public String toString() {
    return library.toString();
  }

  @Override
  public void close() {
    functions.shutdown();
  }
}
