package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.ffi.Availability;
import org.likeness.ffi.LibrarySearch;
import org.likeness.testing.CCompiler;

@EnabledOnOs(OS.LINUX)
class NvmlTest {
  /** A card that knows its clocks and memory, and neither temperature nor power. */
  private static final String FAKE =
      """
      #include <string.h>
      typedef struct { unsigned long long total, free, used; } memory;
      int nvmlInit_v2(void) { return INIT; }
      int nvmlShutdown(void) { return 0; }
      const char *nvmlErrorString(int status) { return status == 9 ? "Driver Not Loaded" : "?"; }
      int nvmlSystemGetDriverVersion(char *text, unsigned n) {
        strncpy(text, "550.54.14", n); return 0; }
      int nvmlDeviceGetHandleByUUID(const char *uuid, void **device) {
        *device = (void *)0x1234567890; return strcmp(uuid, "GPU-1") ? 6 : 0; }
      int nvmlDeviceGetClockInfo(void *device, int type, unsigned *mhz) {
        *mhz = 1000 * type; return device == (void *)0x1234567890 ? 0 : 2; }
      int nvmlDeviceGetTemperature(void *device, int sensor, unsigned *out) { return 3; }
      int nvmlDeviceGetPowerUsage(void *device, unsigned *out) { *out = WATTS; return 0; }
      int nvmlDeviceGetMemoryInfo(void *device, memory *out) {
        out->total = 24ull << 30; out->free = 20ull << 30; out->used = 4ull << 30; return 0; }
      """;

  @TempDir Path folder;

  private static Availability<Nvml> open(Path file) {
    return Nvml.open(new LibrarySearch("NVML", List.of(), Optional.of(file), List.of(), List.of()));
  }

  private Path fake(int init) throws Exception {
    String source = FAKE.replace("INIT", Integer.toString(init)).replace("WATTS", "75500");
    return CCompiler.library(folder, "libnvml-fake.so", source);
  }

  private static Gpu gpu(String uuid) {
    return new Gpu(
        0, "a card", uuid, 89, new Gpu.Multiprocessors(1, 1, 1), new Gpu.Memory(1, 1, 1, 1), true);
  }

  @Test
  void whatACardDoesNotTellIsEmpty() throws Exception {
    try (Nvml nvml = open(fake(0)).orThrow()) {
      assertEquals(Optional.of("550.54.14"), nvml.driverVersion());
      assertEquals(
          Optional.of(
              new Nvml.Reading(
                  OptionalInt.of(1000),
                  OptionalInt.of(2000),
                  OptionalInt.empty(),
                  OptionalDouble.of(75.5),
                  Optional.of(4L << 30))),
          nvml.read(gpu("GPU-1")));
      assertEquals(Optional.empty(), nvml.read(gpu("GPU-2")));
    }
  }

  @Test
  void withoutItsDriverItIsBroken() throws Exception {
    assertEquals("NVML cannot be used: Driver Not Loaded (9)", open(fake(9)).message());
  }

  @Test
  void absentAndBrokenAreToldApart() throws Exception {
    Path file = folder.resolve("libnvml.so");
    assertEquals("NVML was not found; looked for " + file, open(file).message());
    Files.writeString(file, "not a library ".repeat(100));
    assertEquals(file + " cannot be used: " + file + ": invalid ELF header", open(file).message());
  }
}
