package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.likeness.device.Device;
import org.likeness.graph.DType;
import org.likeness.runtime.Devices;

/** Runs of the original, replayed on the default device. */
class GoldenTest {
  static List<Path> files() throws Exception {
    URI folder = GoldenTest.class.getResource("/golden").toURI();
    try (Stream<Path> files = Files.list(Path.of(folder))) {
      return files.sorted().toList();
    }
  }

  @ParameterizedTest
  @MethodSource("files")
  void replaysWithinTolerance(Path file) throws Exception {
    try (Device device = Devices.open("auto")) {
      Verification.Report report = Verification.run(file, device, DType.F32, step -> {});
      for (Verification.Group g : report.groups()) {
        assertTrue(g.ok(), file.getFileName() + ": " + g);
      }
      assertEquals(List.of(), report.absent());
    }
  }

  /** The oracle is closer than any tolerance asks (spec golden.md: how good can one be). */
  @ParameterizedTest
  @MethodSource("files")
  void replaysCloserInF64(Path file) throws Exception {
    try (Device device = Devices.open("cpu")) {
      Verification.Report report = Verification.run(file, device, DType.F64, step -> {});
      for (Verification.Group g : report.groups()) {
        assertTrue(g.error() <= g.tolerance() / 2, file.getFileName() + ": " + g);
      }
    }
  }
}
