package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.likeness.ffi.Availability;
import org.likeness.ffi.C;
import org.likeness.ffi.Environment;
import org.likeness.ffi.LibrarySearch;
import org.likeness.ffi.NativeLibrary;

/** NVIDIA's driver, open and initialised, and the GPUs that it has. */
public final class CudaDriver {
  /** CUDA 12.4, the first that compiles PTX 8.4; drivers from R550 on have it. */
  public static final int NEEDED_VERSION = 12040;

  static final String NAME = "the NVIDIA driver";
  static final int CLOCK = 13;
  static final int MULTIPROCESSORS = 16;
  static final int MEMORY_CLOCK = 36;
  static final int BUS_BITS = 37;
  static final int L2_BYTES = 38;
  static final int CAPABILITY_MAJOR = 75;
  static final int CAPABILITY_MINOR = 76;
  static final int SHARED_OPT_IN = 97;
  static final int VIRTUAL_MEMORY = 102;

  private final NativeLibrary library;
  private final DriverFunctions functions;
  private final Health health;
  private final int version;

  private CudaDriver(NativeLibrary library, DriverFunctions functions, int version) {
    this.library = library;
    this.functions = functions;
    this.version = version;
    health = new Health(functions.start(), NAME);
  }

  /**
   * Opens the driver, or says why it cannot be used: it is nowhere, native access is forbidden, it
   * is older than R550, or it refuses to start (no GPU, a stub library, half an update).
   */
  public static Availability<CudaDriver> open() {
    // modules loaded lazily would allocate at their first launch
    Environment.setUnlessGiven("CUDA_MODULE_LOADING", "EAGER");
    return open(CudaLibraries.here().driver());
  }

  static Availability<CudaDriver> open(LibrarySearch search) {
    return search.search(CudaDriver::open).answer();
  }

  private static Availability<CudaDriver> open(NativeLibrary library) {
    return library
        .bind(exports -> DriverStart.of(exports::address))
        .then(CudaDriver::start)
        .then(
            version ->
                library
                    .bind(exports -> DriverFunctions.of(DriverSymbols.of(library, exports)))
                    .then(f -> new Availability.Available<>(new CudaDriver(library, f, version))));
  }

  /** Initialises the driver and returns its version of CUDA, 1000 times major plus 10 minor. */
  private static Availability<Integer> start(DriverStart start) {
    int version;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(C.INT);
      int status = start.driverGetVersion(out);
      if (status != CudaStatus.SUCCESS) {
        return refused(start, status);
      }
      version = out.get(C.INT, 0);
    }
    if (version < NEEDED_VERSION) {
      return new Availability.TooOld<>(
          NAME + " for CUDA " + dotted(version),
          List.of("CUDA " + dotted(NEEDED_VERSION) + ", which drivers from R550 on have"));
    }
    int status = start.init(0);
    return status == CudaStatus.SUCCESS
        ? new Availability.Available<>(version)
        : refused(start, status);
  }

  private static Availability<Integer> refused(DriverStart start, int status) {
    String told = Health.describe(start, status);
    String reason =
        switch (status) {
          case CudaStatus.NO_DEVICE ->
              "it sees no GPU: %s; check that one is built in and that CUDA_VISIBLE_DEVICES does"
                  + " not hide it";
          case CudaStatus.SYSTEM_DRIVER_MISMATCH ->
              "its library and its kernel module are of two versions: %s; restart the computer, or"
                  + " install the driver anew";
          case CudaStatus.STUB_LIBRARY ->
              "it is the CUDA toolkit's stub, made for linking: %s; take the folder \"stubs\" out"
                  + " of the loader's path";
          default -> "it does not start: %s; restart the computer, or install the driver anew";
        };
    return new Availability.Broken<>(NAME, reason.replace("%s", told));
  }

  static String dotted(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  /** Returns the newest version of CUDA that the driver knows, such as "12.4". */
  public String version() {
    return dotted(version);
  }

  /** Returns that version as the driver says it: 12040. */
  public int versionNumber() {
    return version;
  }

  /** Returns the newest version of PTX that the driver compiles, such as "8.4". */
  public String ptxVersion() {
    int major = version / 1000;
    int minor = version % 1000 / 10;
    if (major == 12) {
      return "8." + (minor <= 5 ? minor : minor - 1); // CUDA 12.6 came without a new PTX
    }
    return major - 4 + "." + minor;
  }

  /** Returns the driver's file or name. */
  @Override
  public String toString() {
    return library.toString();
  }

  /** Returns the GPUs that the driver shows, in its order. */
  public List<Gpu> gpus() {
    int count = health.number("cuDeviceGetCount", functions.start()::deviceGetCount);
    return IntStream.range(0, count).mapToObj(this::gpu).toList();
  }

  private Gpu gpu(int ordinal) {
    DriverStart start = functions.start();
    int device = health.number("cuDeviceGet", out -> start.deviceGet(out, ordinal), ordinal);
    long bytes =
        health.made("cuDeviceTotalMem_v2", out -> start.deviceTotalMem(out, device), device);
    int capability = 10 * attribute(device, CAPABILITY_MAJOR) + attribute(device, CAPABILITY_MINOR);
    return new Gpu(
        ordinal,
        name(device),
        uuid(device),
        capability,
        new Gpu.Multiprocessors(
            attribute(device, MULTIPROCESSORS),
            attribute(device, CLOCK),
            attribute(device, SHARED_OPT_IN)),
        new Gpu.Memory(
            bytes,
            attribute(device, L2_BYTES),
            attribute(device, MEMORY_CLOCK),
            attribute(device, BUS_BITS)),
        attribute(device, VIRTUAL_MEMORY) == 1);
  }

  private int attribute(int device, int attribute) {
    return health.number(
        "cuDeviceGetAttribute",
        out -> functions.start().deviceGetAttribute(out, attribute, device),
        attribute,
        device);
  }

  private String name(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocate(256);
      health.check(
          functions.start().deviceGetName(name, 256, device), "cuDeviceGetName", 256, device);
      return name.getString(0);
    }
  }

  private String uuid(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment uuid = arena.allocate(16);
      health.check(functions.start().deviceGetUuid(uuid, device), "cuDeviceGetUuid_v2", device);
      String hex = HexFormat.of().formatHex(uuid.toArray(C.BYTE));
      return String.format(
          Locale.ROOT,
          "GPU-%s-%s-%s-%s-%s",
          hex.substring(0, 8),
          hex.substring(8, 12),
          hex.substring(12, 16),
          hex.substring(16, 20),
          hex.substring(20));
    }
  }

  /** Retains the primary context of a GPU and makes it current on this thread. */
  public CudaContext context(Gpu gpu) {
    return CudaContext.retain(functions, gpu);
  }
}
