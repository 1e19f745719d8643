package org.likeness.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.testing.NeedsCudaToolkit;

/** The committed report is about the committed kernels. */
class CommittedReportTest {
  @TempDir Path folder;

  @Test
  void theReportIsAboutExactlyTheCommittedFiles() throws Exception {
    List<String> expected = new ArrayList<>();
    for (KernelFamily family : KernelFamily.all(KernelFamily.SOURCES)) {
      for (int target : family.targets()) {
        Path file = family.ptx(KernelFamily.KERNELS, target);
        expected.add(file.getFileName() + " " + PtxFile.of(file).sha256());
      }
    }
    List<String> actual = report().stream().map(f -> f.name() + " " + f.sha256()).toList();
    assertEquals(expected, actual, "not current; run tools/kernel-report");
  }

  @Test
  void bothFormsSayTheSameAndNoKernelIsAtFault() throws Exception {
    assertEquals(List.of(), KernelReport.faults(report()));
    assertEquals(KernelReport.markdown(report()), Files.readString(KernelReport.MARKDOWN));
  }

  /** One architecture a file, another one when the file changes; the tool examines all. */
  @Test
  @NeedsCudaToolkit
  void assemblingAgainGivesTheReportedRegistersAndNoSpills() throws Exception {
    for (KernelReport.File file : report()) {
      List<EntryReport.On> choices = file.entries().getFirst().on();
      int chosen = Integer.parseInt(file.sha256().substring(0, 6), 16) % choices.size();
      int architecture = choices.get(chosen).architecture();
      List<String> reported = new ArrayList<>();
      for (EntryReport entry : file.entries()) {
        EntryReport.On on = entry.on().get(chosen);
        reported.add(entry.name() + " " + on.registers() + " " + on.spills() + " " + on.shared());
      }
      Path ptx = KernelFamily.KERNELS.resolve(file.name());
      List<String> now = new ArrayList<>();
      for (Ptxas.Usage u : Ptxas.assemble(ptx, architecture, folder.resolve("cubin"))) {
        now.add(u.entry() + " " + u.registers() + " " + u.spills() + " " + u.shared());
      }
      assertEquals(reported, now, file.name() + " on sm_" + architecture);
    }
  }

  private static List<KernelReport.File> report() throws IOException {
    return ReportText.read(Files.readString(KernelReport.JSON));
  }
}
