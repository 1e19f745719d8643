package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.likeness.testing.SoftCudaCalls.pointer;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@OnSoftCuda
final class SoftCudaModuleTest {
  private static final MemorySegment NULL = MemorySegment.NULL;

  private final SoftCuda softCuda;

  SoftCudaModuleTest(SoftCuda softCuda) {
    this.softCuda = softCuda;
  }

  @Test
  void anOlderDriverAndAnOlderCardRefusePtxByNumberAndSayWhy() {
    assertEquals(
        "222 Unsupported .version 8.4; current version is '8.2'",
        load(SoftCudaCalls.PTX, "driver=12020"));
    assertEquals(
        "209 PTX for sm_80 does not run on compute capability 7.5",
        load(SoftCudaCalls.PTX.replace("sm_75", "sm_80"), "cc=75"));
    assertEquals(
        "209 PTX for sm_90a does not run on compute capability 12.0",
        load(SoftCudaCalls.PTX.replace("sm_75", "sm_90a"), "cc=120"));
    assertEquals("218 the image has no .version: it is no PTX text", load("hello", "cc=80"));
  }

  @Test
  void aModuleLoadedTwiceOutlivesItsFirstUnloading() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment text = cuda.arena.allocateFrom(SoftCudaCalls.PTX);
      MemorySegment first = pointer(cuda.out("cuModuleLoadData", text));
      MemorySegment stale =
          pointer(cuda.out("cuModuleGetFunction", first, cuda.arena.allocateFrom("store")));
      MemorySegment store = cuda.function("store");
      cuda.ok("cuModuleUnload", first);
      cuda.refused(400, "cuFuncLoad", stale);
      long device = cuda.memory(4);
      cuda.launch(store, 1, NULL, device, 8);
      assertEquals(8, cuda.read(device));
    }
  }

  private String load(String ptx, String setting) {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, setting)) {
      MemorySegment log = cuda.arena.allocate(200);
      MemorySegment options = cuda.arena.allocateFrom(ValueLayout.JAVA_INT, 5, 6);
      MemorySegment values = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, log.address(), 200);
      MemorySegment module = cuda.arena.allocate(8);
      MemorySegment text = cuda.arena.allocateFrom(ptx);
      int status = cuda.status("cuModuleLoadDataEx", module, text, 2, options, values);
      String words = log.getString(0);
      assertEquals(words.length() + 1, values.getAtIndex(ValueLayout.JAVA_LONG, 1));
      return status + " " + words;
    }
  }

  @Test
  void aKernelTellsItsParametersAndLimits() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "cc=86")) {
      MemorySegment add = cuda.function("add");
      MemorySegment offset = cuda.arena.allocate(8);
      MemorySegment size = cuda.arena.allocate(8);
      cuda.ok("cuFuncGetParamInfo", add, 1L, offset, size);
      assertEquals(8, offset.get(ValueLayout.JAVA_LONG, 0));
      assertEquals(4, size.get(ValueLayout.JAVA_LONG, 0));
      cuda.refused(1, "cuFuncGetParamInfo", add, 2L, offset, size);
      assertEquals(256, cuda.out("cuFuncGetAttribute", 0, add));
      MemorySegment parameters = cuda.parameters(cuda.memory(4096), 1);
      refusedLaunch(cuda, 1, add, 1, 257, 0, parameters);
      refusedLaunch(cuda, 1, add, 0, 1, 0, parameters);
      refusedLaunch(cuda, 1, add, 1, 1, 64 << 10, parameters);
      cuda.refused(1, "cuFuncSetAttribute", add, 8, (99 << 10) + 1);
      cuda.ok("cuFuncSetAttribute", add, 8, 64 << 10);
      assertEquals(1, cuda.out("cuOccupancyMaxActiveBlocksPerMultiprocessor", add, 64, 65536L));
      assertEquals(6, cuda.out("cuOccupancyMaxActiveBlocksPerMultiprocessor", add, 256, 0L));
    }
  }

  @Test
  void aReportTellsTheRegistersThatABlockMustFindRoomFor(@TempDir Path folder) throws IOException {
    Path report = folder.resolve("report.json");
    Files.writeString(
        report,
        """
        {"entry": "store", "on": [{"sm": 80, "registers": 12}]},
        {"entry": "add", "on": [{"sm": 75, "registers": 20}]},
        {"entry": "add", "on": [{"sm": 80, "registers": 255}, {"sm": 86, "registers": 260}]}
        """);
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "registers=" + report)) {
      MemorySegment add = cuda.function("add");
      assertEquals(255, cuda.out("cuFuncGetAttribute", 4, add));
      assertEquals(12, cuda.out("cuFuncGetAttribute", 4, cuda.function("store")));
      assertEquals(1, cuda.out("cuOccupancyMaxActiveBlocksPerMultiprocessor", add, 256, 0L));
    }
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda, "registers=" + report, "cc=86")) {
      MemorySegment add = cuda.function("add");
      MemorySegment parameters = cuda.parameters(cuda.memory(4096), 1);
      refusedLaunch(cuda, 701, add, 1, 256, 0, parameters);
    }
  }

  private static void refusedLaunch(
      SoftCudaCalls cuda,
      int status,
      MemorySegment function,
      int blocks,
      int threads,
      int shared,
      MemorySegment parameters) {
    cuda.refused(
        status,
        "cuLaunchKernel",
        function,
        blocks,
        1,
        1,
        threads,
        1,
        1,
        shared,
        NULL,
        parameters,
        NULL);
  }

  @Test
  void aKernelIsLaunchedByPointersByABufferAndByAConfiguration() {
    try (SoftCudaCalls cuda = SoftCudaCalls.on(softCuda)) {
      MemorySegment add = cuda.function("add");
      long device = cuda.memory(4);
      cuda.write(device, 0);
      MemorySegment pointers = cuda.parameters(device, 1);
      cuda.ok("cuLaunchKernel", add, 1, 1, 1, 1, 1, 1, 0, NULL, pointers, NULL);
      MemorySegment size = cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 12);
      long buffer = pointers.get(ValueLayout.JAVA_LONG, 0);
      MemorySegment extra =
          cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, 1, buffer, 2, size.address(), 0);
      cuda.ok("cuLaunchKernel", add, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, extra);
      MemorySegment config = cuda.arena.allocate(56, 8);
      for (int i = 0; i < 6; i++) {
        config.setAtIndex(ValueLayout.JAVA_INT, i, 1);
      }
      cuda.ok("cuLaunchKernelEx", config, add, pointers, NULL);
      assertEquals(3, cuda.read(device));
      cuda.refused(1, "cuLaunchKernel", add, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, NULL);
      cuda.refused(1, "cuLaunchKernel", add, 1, 1, 1, 1, 1, 1, 0, NULL, pointers, extra);
      size.set(ValueLayout.JAVA_LONG, 0, 16);
      cuda.refused(1, "cuLaunchKernel", add, 1, 1, 1, 1, 1, 1, 0, NULL, NULL, extra);
    }
  }
}
