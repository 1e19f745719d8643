package org.likeness.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.Deque;
import org.likeness.ffi.C;

/**
 * A range of device addresses that memory is put behind as it is needed: it grows and shrinks at
 * its end, and never moves.
 */
public final class VirtualMemory implements AutoCloseable {
  static final int PINNED = 1;
  static final int ON_DEVICE = 1;
  static final int READ_WRITE = 3;
  static final int MINIMUM_GRANULARITY = 0;
  static final long PROPERTIES_BYTES = 32;
  static final long ACCESS_BYTES = 12;

  private final CudaContext context;
  private final Health health;
  private final DriverVirtualMemory driver;
  private final long granularity;
  private final long address;
  private final long reserved;
  private final Deque<Part> parts = new ArrayDeque<>();
  private long bytes;
  private final LeakAlarm alarm;

  /** Memory behind some of the addresses. */
  private record Part(long offset, long bytes, long handle) {}

  private VirtualMemory(CudaContext context, long granularity, long address, long reserved) {
    this.context = context;
    this.granularity = granularity;
    this.address = address;
    this.reserved = reserved;
    health = context.health();
    driver = context.functions().virtualMemory();
    alarm = LeakAlarm.on(this, reserved + " reserved bytes of " + context);
  }

  static VirtualMemory reserve(CudaContext context, long bytes) {
    context.enter();
    DriverVirtualMemory driver = context.functions().virtualMemory();
    Health health = context.health();
    long granularity;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment properties = properties(context, arena);
      granularity =
          health.made(
              "cuMemGetAllocationGranularity",
              out -> driver.memGetAllocationGranularity(out, properties, MINIMUM_GRANULARITY));
    }
    long reserved = roundUp(bytes, granularity);
    long address =
        health.made(
            "cuMemAddressReserve",
            out -> driver.memAddressReserve(out, reserved, 0, 0, 0),
            reserved);
    return new VirtualMemory(context, granularity, address, reserved);
  }

  /** A CUmemAllocationProp: type 0, requestedHandleTypes 4, location 8 (type, id). */
  private static MemorySegment properties(CudaContext context, Arena arena) {
    MemorySegment properties = arena.allocate(PROPERTIES_BYTES, 8);
    properties.set(C.INT, 0, PINNED);
    properties.set(C.INT, 8, ON_DEVICE);
    properties.set(C.INT, 12, context.gpu().ordinal());
    return properties;
  }

  private static long roundUp(long bytes, long granularity) {
    return Math.ceilDiv(bytes, granularity) * granularity;
  }

  /** Returns the first byte's device address, which never changes. */
  public long address() {
    return address;
  }

  /** Returns the size of the memory behind the addresses, from the first on. */
  public long bytes() {
    return bytes;
  }

  /** Returns how many bytes {@link #resize} may ask for. */
  public long reserved() {
    return reserved;
  }

  /**
   * Puts memory behind the first {@code wanted} bytes, rounded up to the driver's granularity, and
   * takes away what lies behind them; nothing may be using that. The contents of what stays, stay.
   */
  public void resize(long wanted) {
    long target = roundUp(wanted, granularity);
    if (wanted < 0 || target > reserved) {
      throw new IllegalArgumentException(
          wanted + " bytes do not fit behind " + reserved + " reserved ones");
    }
    context.enter();
    while (!parts.isEmpty() && parts.getLast().offset() >= target) {
      release(parts.removeLast());
    }
    if (bytes < target) {
      add(target - bytes);
    }
  }

  private void add(long size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment properties = properties(context, arena);
      long handle =
          health.made("cuMemCreate", out -> driver.memCreate(out, size, properties, 0), size);
      long place = address + bytes;
      int status = driver.memMap(place, size, 0, handle, 0);
      if (status != CudaStatus.SUCCESS) {
        driver.memRelease(handle);
        throw health.failed(status, "cuMemMap", DeviceMemory.hex(place), size);
      }
      status = driver.memSetAccess(place, size, access(arena), 1);
      if (status != CudaStatus.SUCCESS) {
        driver.memUnmap(place, size);
        driver.memRelease(handle);
        throw health.failed(status, "cuMemSetAccess", DeviceMemory.hex(place), size);
      }
      parts.add(new Part(bytes, size, handle));
      bytes += size;
    } catch (CudaException e) {
      throw e.outOfMemory() ? DeviceMemory.lacking(context, e) : e;
    }
  }

  /** A CUmemAccessDesc: location 0 (type, id), flags 8. */
  private MemorySegment access(Arena arena) {
    MemorySegment access = arena.allocate(ACCESS_BYTES, 4);
    access.set(C.INT, 0, ON_DEVICE);
    access.set(C.INT, 4, context.gpu().ordinal());
    access.set(C.INT, 8, READ_WRITE);
    return access;
  }

  private void release(Part part) {
    long place = address + part.offset();
    bytes -= part.bytes();
    int unmapped = driver.memUnmap(place, part.bytes());
    int released = driver.memRelease(part.handle());
    health.checkRelease(unmapped, "cuMemUnmap", DeviceMemory.hex(place), part.bytes());
    health.checkRelease(released, "cuMemRelease", DeviceMemory.hex(part.handle()));
  }

  @Override
  public void close() {
    if (alarm.disarm() && context.enterToRelease()) {
      try {
        while (!parts.isEmpty()) {
          release(parts.removeLast());
        }
      } finally {
        health.checkRelease(
            driver.memAddressFree(address, reserved),
            "cuMemAddressFree",
            DeviceMemory.hex(address),
            reserved);
      }
    }
  }

  @Override
  public String toString() {
    return bytes + " of " + reserved + " bytes at " + DeviceMemory.hex(address);
  }
}
