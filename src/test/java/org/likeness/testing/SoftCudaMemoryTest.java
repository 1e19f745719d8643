package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.likeness.testing.SoftCudaCalls.pointer;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnSoftCuda
final class SoftCudaMemoryTest {
  private static final MemorySegment NULL = MemorySegment.NULL;
  private static final int NON_BLOCKING = 1;

  private final SoftCuda softCuda;

  SoftCudaMemoryTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  @Test
  void hostMemoryIsReadWhenTheCopyRunsAndAtOnceInEagerMode() {
    assertEquals(2, copyAfterTheBufferIsReused("eager=0"));
    assertEquals(1, copyAfterTheBufferIsReused("eager=1"));
  }

  private int copyAfterTheBufferIsReused(String mode) {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, mode)) {
      MemorySegment stream = cuda.stream(NON_BLOCKING);
      MemorySegment host = cuda.pinned(4);
      long device = cuda.memory(4);
      host.set(ValueLayout.JAVA_INT, 0, 1);
      cuda.ok("cuMemcpyHtoDAsync_v2", device, host, 4L, stream);
      host.set(ValueLayout.JAVA_INT, 0, 2);
      cuda.ok("cuStreamSynchronize", stream);
      return cuda.read(device);
    }
  }

  @Test
  void pageableMemoryThatIsGoneWhenTheCopyRunsIsAFaultAndNoCrash(@TempDir Path folder)
      throws IOException {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      long device = cuda.memory(4096);
      MemorySegment stream = cuda.stream(0);
      Path file = Files.write(folder.resolve("page"), new byte[4096]);
      try (Arena brief = Arena.ofConfined();
          FileChannel channel = FileChannel.open(file)) {
        MemorySegment host = channel.map(FileChannel.MapMode.READ_ONLY, 0, 4096, brief);
        cuda.ok("cuMemcpyHtoDAsync_v2", device, host, 4096L, stream);
      }
      cuda.refused(700, "cuStreamSynchronize", stream);
      String fault =
          "cuMemcpyHtoDAsync_v2: the host memory at byte 0 of 4096 was unmapped before the copy"
              + " with device address 0x%x ran";
      assertEquals(fault.formatted(device), softCuda.lastFault());
    }
  }

  @Test
  void whatWasNeverWrittenMustNotReachTheHost() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      long from = cuda.memory(8);
      long to = cuda.memory(8);
      cuda.write(from, 7);
      cuda.ok("cuMemcpyDtoDAsync_v2", to, from, 8L, NULL);
      assertEquals(7, cuda.read(to));
      softCuda.forget(from, 4);
      cuda.ok("cuMemsetD32Async", to, 1, 1L, NULL);
      cuda.refused(719, "cuMemcpyDtoH_v2", cuda.arena.allocate(8), to, 8L);
      String fault =
          "cuMemcpyDtoH_v2: byte 4 of 8 bytes copied to the host from 0x%x was never written";
      assertEquals(fault.formatted(to), softCuda.lastFault());
    }
  }

  @Test
  void memoryEndsAtItsLimit() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "memory=4MiB", "used=1MiB")) {
      long first = cuda.memory(2 << 20);
      cuda.refused(2, "cuMemAlloc_v2", cuda.arena.allocate(8), (1L << 20) + 1);
      MemorySegment free = cuda.arena.allocate(8);
      MemorySegment total = cuda.arena.allocate(8);
      cuda.ok("cuMemGetInfo_v2", free, total);
      assertEquals(1 << 20, free.get(ValueLayout.JAVA_LONG, 0));
      assertEquals(4 << 20, total.get(ValueLayout.JAVA_LONG, 0));
      cuda.ok("cuMemFree_v2", first);
      cuda.refused(1, "cuMemFree_v2", first);
      assertEquals(2 << 20, softCuda.peak());
    }
  }

  @Test
  void virtualMemoryIsUsableOnceMappedAndOpened() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      long bytes = 2 << 20;
      MemorySegment property = cuda.arena.allocate(32);
      property.setAtIndex(ValueLayout.JAVA_INT, 0, 1); // pinned
      property.setAtIndex(ValueLayout.JAVA_INT, 2, 1); // on a device
      assertEquals(bytes, cuda.out("cuMemGetAllocationGranularity", property, 0));
      long address = cuda.out("cuMemAddressReserve", 2 * bytes, 0L, 0L, 0L);
      cuda.refused(1, "cuMemCreate", cuda.arena.allocate(8), bytes + 1, property, 0L);
      long handle = cuda.out("cuMemCreate", bytes, property, 0L);
      assertEquals(bytes, softCuda.allocated());
      cuda.ok("cuMemMap", address, bytes, 0L, handle, 0L);
      cuda.refused(1, "cuMemsetD8Async", address, (byte) 1, bytes, NULL);
      MemorySegment access = cuda.arena.allocateFrom(ValueLayout.JAVA_INT, 1, 0, 3);
      cuda.ok("cuMemSetAccess", address, bytes, access, 1L);
      cuda.write(address + bytes - 4, 9);
      assertEquals(9, cuda.read(address + bytes - 4));
      cuda.refused(1, "cuMemsetD8Async", address, (byte) 1, bytes + 1, NULL);
      cuda.ok("cuMemRelease", handle);
      assertEquals(bytes, softCuda.allocated());
      cuda.ok("cuMemUnmap", address, bytes);
      assertEquals(0, softCuda.allocated());
      cuda.ok("cuMemAddressFree", address, 2 * bytes);
      cuda.ok("cuDevicePrimaryCtxRelease_v2", 0);
      assertEquals("", softCuda.liveObjects());
    }
  }

  @Test
  void twoDevicesHaveMemoryOfTheirOwnAndCopyToEachOther() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "devices=2")) {
      long here = cuda.memory(4);
      cuda.write(here, 3);
      MemorySegment first = pointer(cuda.out("cuCtxGetCurrent"));
      MemorySegment second = pointer(cuda.out("cuDevicePrimaryCtxRetain", 1));
      cuda.ok("cuCtxPushCurrent_v2", second);
      long there = cuda.memory(4);
      cuda.ok("cuMemcpyPeerAsync", there, second, here, first, 4L, NULL);
      assertEquals(3, cuda.read(there));
      assertEquals(second.address(), cuda.out("cuCtxPopCurrent_v2"));
      assertEquals(first.address(), cuda.out("cuCtxGetCurrent"));
    }
  }

  @Test
  void hostMemoryIsRegisteredOnce() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment host = cuda.arena.allocate(4096);
      cuda.ok("cuMemHostRegister_v2", host, 4096L, 0);
      cuda.refused(712, "cuMemHostRegister_v2", host.asSlice(4000), 8L, 0);
      cuda.ok("cuMemHostUnregister", host);
      cuda.refused(713, "cuMemHostUnregister", host);
    }
  }

  @Test
  void aKernelWritesPinnedMemoryThroughItsDeviceAddress() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment host = cuda.pinned(8);
      long device = cuda.out("cuMemHostGetDevicePointer_v2", host.asSlice(4), 0);
      cuda.launch(cuda.function("store"), 1, NULL, device, 77);
      cuda.ok("cuCtxSynchronize");
      assertEquals(77, host.get(ValueLayout.JAVA_INT, 4));
    }
  }
}
