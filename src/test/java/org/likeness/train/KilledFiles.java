package org.likeness.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Files of a process that is killed in the middle of its n-th change to the disk. */
final class KilledFiles extends DurableFiles {
  /** Not an exception that anybody catches: a killed process tidies nothing up. */
  static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  private int changesLeft;

  KilledFiles(int changesLeft) {
    this.changesLeft = changesLeft;
  }

  @Override
  void before(String operation, Path path) throws IOException {
    if (changesLeft-- > 0) {
      return;
    }
    if (changesLeft == -1) { // the change itself is half done
      switch (operation) {
        case "write" -> Files.write(path, new byte[10]);
        case "delete" -> Files.deleteIfExists(firstFile(path));
        default -> {}
      }
    }
    throw new Killed();
  }

  private static Path firstFile(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> sorted = files.sorted().toList();
      return sorted.isEmpty() ? folder : sorted.get(0);
    }
  }
}
