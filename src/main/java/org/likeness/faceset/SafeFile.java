package org.likeness.faceset;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/** Writes whole files or nothing. */
final class SafeFile {
  private static final int TRIES = 10;
  private static final long PAUSE_MS = 50;

  private SafeFile() {}

  /**
   * Temporary file, flushed to the disk, then renamed; waits for a virus scanner that holds the
   * target.
   */
  static void replace(Path path, byte[] bytes) throws IOException {
    replace(path, out -> out.write(bytes));
  }

  /** What is written into a file. */
  @FunctionalInterface
  interface Content {
    void writeTo(OutputStream out) throws IOException;
  }

  /** {@link #replace(Path, byte[])} of what is written piece by piece. */
  static void replace(Path path, Content content) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(folder, path.getFileName() + ".", ".tmp");
    try {
      try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
        content.writeTo(Channels.newOutputStream(channel));
        channel.force(true);
      }
      move(temporary, path);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  /** Renames over whatever is there, patiently. */
  static void move(Path from, Path to) throws IOException {
    for (int tries = 1; ; tries++) {
      try {
        Files.move(from, to, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        return;
      } catch (AccessDeniedException e) {
        if (tries == TRIES) {
          throw e;
        }
        pause();
      }
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting to rename a file", e);
    }
  }
}
