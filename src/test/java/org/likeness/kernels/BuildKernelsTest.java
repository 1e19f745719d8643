package org.likeness.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.testing.NeedsCudaToolkit;

class BuildKernelsTest {
  @TempDir Path folder;

  private KernelFamily family(String source) throws IOException {
    return KernelFamily.of(Files.writeString(folder.resolve("sample.cu"), source));
  }

  @Test
  void aFamilyDeclaresItsTargetsAndTheSharedMemoryOfItsEntries() throws Exception {
    KernelFamily family =
        family(
            """
            // Samples.
            // targets: 80 75
            // dynamic-shared: sample 1024
            // dynamic-shared: sample_forward 49152
            """);
    assertEquals(List.of(75, 80), family.targets());
    assertEquals(List.of(75), family.served(75));
    assertEquals(List.of(80, 86, 89, 90, 120), family.served(80));
    assertEquals(49152, family.dynamicShared("sample_forward_f32"));
    assertEquals(1024, family.dynamicShared("sample_backward_f32"));
    assertEquals(0, family.dynamicShared("other"));
  }

  @Test
  void theOldestTargetAloneServesEveryCard() throws Exception {
    assertEquals(KernelFamily.ARCHITECTURES, family("// targets: 75\n").served(75));
    assertEquals(KernelFamily.ARCHITECTURES, family("// nothing declared\n").served(75));
    assertEquals(Optional.empty(), family("// targets: 80\n").targetFor(75));
  }

  @Test
  void aTargetThatNoToolKnowsIsRefused() {
    IOException refused = assertThrows(IOException.class, () -> family("// targets: 75 60\n"));
    assertEquals(
        folder.resolve("sample.cu") + " declares targets [75, 60]; known are [75, 80]",
        refused.getMessage());
  }

  @Test
  void aCallOfPrintfAndAPathAreFaults() {
    String text =
        """
        .extern .func  (.param .b32 func_retval0) vprintf
        (
        )
        ;
        .visible .entry sample(
        .file 1 "/home/somebody/sample.cu"
        """;
    assertEquals(
        List.of(
            "a.ptx: calls vprintf; remove printf and assert from its kernels",
            "a.ptx: names a file of the machine that built it: .file 1"
                + " \"/home/somebody/sample.cu\""),
        BuildKernels.faults("a.ptx", text));
    assertEquals(
        List.of("a.ptx: has no entry; declare one extern \"C\" __global__"),
        BuildKernels.faults("a.ptx", ".version 8.4\n"));
  }

  @Test
  void aDifferenceNamesTheFileAndItsFirstLine() throws Exception {
    Path committed = Files.writeString(folder.resolve("a.ptx"), "one\ntwo\nthree\n");
    Path made = Files.writeString(folder.resolve("b.ptx"), "one\n2\nthree\n");
    assertEquals(
        Optional.of(
            committed
                + " differs from what its source gives, first in line 2:\n"
                + "  committed: two\n  built:     2"),
        BuildKernels.difference(committed, made));
    assertEquals(Optional.empty(), BuildKernels.difference(made, made));
    Path absent = folder.resolve("c.ptx");
    assertEquals(
        Optional.of(absent + " is missing; run tools/build-kernels"),
        BuildKernels.difference(absent, made));
  }

  @Test
  void theAssemblersWordsAreCountedPerEntry() {
    String said =
        """
        ptxas info    : 0 bytes gmem
        ptxas info    : Compiling entry function 'b_f32' for 'sm_75'
        ptxas info    : Function properties for b_f32
            8 bytes stack frame, 4 bytes spill stores, 12 bytes spill loads
        ptxas info    : Used 255 registers, 1 barriers, 2048 bytes smem, 360 bytes cmem[0]
        ptxas info    : Compiling entry function 'a_f32' for 'sm_75'
        ptxas info    : Function properties for a_f32
            0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
        ptxas info    : Used 8 registers, 360 bytes cmem[0]
        """;
    assertEquals(
        List.of(new Ptxas.Usage("a_f32", 8, 0, 0, 0), new Ptxas.Usage("b_f32", 255, 8, 16, 2048)),
        Ptxas.parse(said));
  }

  @Test
  @NeedsCudaToolkit
  void aKernelThatSpillsIsNamedWithTheArchitecture() throws Exception {
    KernelFamily family =
        family(
            """
            // targets: 75
            extern "C" __global__ void __launch_bounds__(1024, 2) sample_spill_f32(float* p, int n) {
              float a[64];
              #pragma unroll
              for (int i = 0; i < 64; i++) a[i] = p[i * n];
              #pragma unroll
              for (int i = 0; i < 64; i++) p[i * n + 1] = a[i] * a[63 - i];
              __syncthreads();
              #pragma unroll
              for (int i = 0; i < 64; i++) p[i * n + 2] = a[i] + a[63 - i];
            }
            """);
    List<String> faults =
        BuildKernels.run(
            List.of(family),
            (_, _, made, temporary) -> BuildKernels.faults(made, List.of(75), temporary));
    assertTrue(
        faults.size() == 1
            && faults
                .getFirst()
                .matches("sample.sm75.ptx: sample_spill_f32 spills \\d+ bytes on sm_75"),
        faults::toString);
  }

  @Test
  @NeedsCudaToolkit
  void theCompilersWordsComeWithTheSourcesName() throws Exception {
    String faults =
        String.join(
            "\n",
            BuildKernels.run(
                List.of(family("// targets: 75\nnonsense")), (_, _, _, _) -> List.of()));
    assertTrue(faults.contains("sample.cu for 75:"), faults);
    assertTrue(faults.contains("error:"), faults);
  }
}
