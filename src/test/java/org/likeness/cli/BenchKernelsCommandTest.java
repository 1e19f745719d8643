package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class BenchKernelsCommandTest {
  @Test
  void withoutAGpuItSaysWhyItMeasuresNothing() {
    CommandLineRun run = CommandLineRun.of("bench", "kernels", "--device", "cpu");
    assertEquals("skipped: cpu is not a GPU; the kernels are CUDA's\n", run.out());
    assertEquals(0, run.status());
    CommandLineRun json = CommandLineRun.of("bench", "kernels", "--device", "cpu", "--json");
    assertEquals("{\"skipped\":\"cpu is not a GPU; the kernels are CUDA's\"}\n", json.out());
  }

  @Test
  void aSideThatNoGpuHoldsIsRefused() {
    CommandLineRun run = CommandLineRun.of("bench", "kernels", "--side", "4096");
    assertEquals(2, run.status());
    assertTrue(run.err().startsWith("likeness: --side is 4096; give 1 to 2048\n"), run.err());
  }
}
