package org.likeness.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.likeness.testing.NeedsCudaToolkit;

/** The committed PTX is what the sources give, and loads on every driver from R550 on. */
class CommittedKernelsTest {
  private static final Pattern VERSION = Pattern.compile("(?m)^\\.version (\\d+)\\.(\\d+)$");
  private static final Pattern ENTRY = Pattern.compile("\\.visible \\.entry (\\w+)\\(");
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+(_[a-z0-9]+)+");

  @Test
  @NeedsCudaToolkit
  void compilingTheSourcesGivesTheCommittedBytes() throws Exception {
    List<String> faults =
        BuildKernels.run(
            KernelFamily.all(KernelFamily.SOURCES),
            (family, target, made, _) -> BuildKernels.compare(family, target, made));
    assertEquals("", String.join("\n", faults));
  }

  @Test
  void everyFileIsOfADeclaredTargetAndNoneIsLeftOver() throws Exception {
    List<Path> declared = new ArrayList<>();
    for (KernelFamily family : KernelFamily.all(KernelFamily.SOURCES)) {
      for (int target : family.targets()) {
        declared.add(family.ptx(KernelFamily.KERNELS, target));
      }
    }
    assertEquals(declared.stream().sorted().toList(), committed());
  }

  @Test
  void aDriverOfReleaseR550TakesThePtx() throws Exception {
    for (Path file : committed()) {
      Matcher version = VERSION.matcher(Files.readString(file));
      assertTrue(version.find(), file + " has no version");
      int number = Integer.parseInt(version.group(1)) * 10 + Integer.parseInt(version.group(2));
      assertTrue(number <= 84, file + " is of version " + version.group() + ", newer than 8.4");
    }
  }

  @Test
  void thePtxNamesNoFileCallsNothingOutsideAndHasEntries() throws Exception {
    List<String> faults = new ArrayList<>();
    for (Path file : committed()) {
      faults.addAll(BuildKernels.faults(file.getFileName().toString(), Files.readString(file)));
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void entriesAreNamedByOperationDirectionAndType() throws Exception {
    for (Path file : committed()) {
      for (Matcher m = ENTRY.matcher(Files.readString(file)); m.find(); ) {
        assertTrue(NAME.matcher(m.group(1)).matches(), file + " has an entry " + m.group(1));
      }
    }
  }

  private static List<Path> committed() throws IOException {
    if (!Files.isDirectory(KernelFamily.KERNELS)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(KernelFamily.KERNELS)) {
      return files.filter(f -> f.toString().endsWith(".ptx")).sorted().toList();
    }
  }
}
