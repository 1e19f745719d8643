package org.likeness.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelReportTest {
  private static final Pattern HMMA = Pattern.compile("\\bHMMA\\.");

  @TempDir Path folder;

  @Test
  void occupancyIsTheSmallestOfFourLimits() {
    // threads, registers, shared: figures of NVIDIA's occupancy calculator for 8.6
    Architecture ampere = Architecture.of(86);
    assertEquals(100, ampere.occupancy(256, 32, 0), "nothing in the way");
    assertEquals(83, ampere.occupancy(256, 48, 0), "5 blocks of 1536 x 8 registers");
    assertEquals(33, ampere.occupancy(32, 32, 0), "16 blocks of one warp");
    assertEquals(33, ampere.occupancy(256, 32, 48 * 1024), "2 blocks of 49 KiB of 100");
    assertEquals(16, ampere.occupancy(256, 255, 0), "one block of 64 Ki registers");
    assertEquals(0, ampere.occupancy(512, 255, 0), "not even one");
    assertEquals(100, Architecture.of(75).occupancy(256, 64, 16 * 1024));
  }

  @Test
  void tensorInstructionsCountInsideLoopsOnly() {
    Map<String, Sass> entries =
        Sass.parse(
            """
            \t.section\t.text.conv_forward_f16,"ax",@progbits
            \t.sectionflags\t@"SHF_BARRIERS=1"
            conv_forward_f16:
            .text.conv_forward_f16:
                    /*0000*/                   HMMA.1688.F32 R0, R0, R4, RZ ;
            .L_x_1:
                    /*0010*/                   HMMA.1688.F32 R0, R0, R4, R0 ;
                    /*0020*/              @!P0 BRA `(.L_x_2) ;
                    /*0030*/               @P1 BRA `(.L_x_1) ;
            .L_x_2:
                    /*0040*/                   HMMA.1688.F32 R0, R0, R4, R0 ;
            .L_x_3:
                    /*0050*/                   BRA `(.L_x_3);
            \t.section\t.text.other_f32,"ax",@progbits
                    /*0000*/                   EXIT ;
            """);
    assertEquals(List.of("conv_forward_f16", "other_f32"), List.copyOf(entries.keySet()));
    Sass sass = entries.get("conv_forward_f16");
    assertEquals(3, sass.count(HMMA));
    assertEquals(1, sass.countInLoops(HMMA));
  }

  @Test
  void blocksAreReadFromTheLaunchBounds() throws Exception {
    Path file =
        Files.writeString(
            folder.resolve("a.ptx"),
            """
            .visible .entry a_f32(
            \t.param .u64 a_f32_param_0
            )
            .maxntid 16, 16, 1
            {
            }
            .visible .entry b_f32()
            {
            }
            """);
    assertEquals(Map.of("a_f32", 256, "b_f32", 0), PtxFile.of(file).threads());
  }

  @Test
  void spillsMissingTensorCoresAndBlocksThatDoNotFitAreFaults() {
    EntryReport.On spills = new EntryReport.On(80, 128, 8, 0, 25, 0, 0, 0);
    EntryReport.On large = new EntryReport.On(86, 128, 0, 200_000, 0, 16, 0, 0);
    EntryReport entry = new EntryReport("conv_forward_bf16_wide", 256, 0, List.of(spills, large));
    KernelReport.File file = new KernelReport.File("conv.sm80.ptx", "", List.of(entry));
    assertEquals(
        List.of(
            "conv.sm80.ptx: conv_forward_bf16_wide on sm_80 spills 8 bytes",
            "conv.sm80.ptx: conv_forward_bf16_wide on sm_80 has no tensor-core instruction in a"
                + " loop",
            "conv.sm80.ptx: conv_forward_bf16_wide on sm_86 does not fit: registers or shared"
                + " memory of one block"),
        KernelReport.faults(List.of(file)));
  }

  @Test
  void theTableHasACellForEachArchitecture() {
    EntryReport.On on = new EntryReport.On(80, 40, 0, 1024, 75, 0, 4, 2);
    EntryReport entry = new EntryReport("cast_forward_bf16", 256, 0, List.of(on));
    assertEquals(
        "| `cast_forward_bf16` | 256 | 1024 | - | 40, 75 % | - | - | - | - | | 4 + 2 |",
        entry.row());
  }

  @Test
  void theTextIsReadBackAsItWasWritten() {
    EntryReport.On on = new EntryReport.On(80, 40, 1, 1024, 75, 2, 4, 3);
    EntryReport.On other = new EntryReport.On(120, 41, 0, 1024, 50, 2, 4, 3);
    EntryReport entry = new EntryReport("cast_forward_bf16", 256, 64, List.of(on, other));
    EntryReport second = new EntryReport("cast_forward_f16", 128, 0, List.of(on));
    List<KernelReport.File> files =
        List.of(
            new KernelReport.File("cast.sm80.ptx", "0a1b", List.of(entry, second)),
            new KernelReport.File("fill.sm75.ptx", "ff", List.of(entry)));
    String json = ReportText.write(files);
    assertEquals(files, ReportText.read(json));
    assertTrue(json.contains("\"sm\": 80, \"registers\": 40, \"spills\": 1"), json);
  }
}
