package org.likeness.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * The few changes that a session makes to its folder, each safe against a power cut and patient
 * with virus scanners. Tests override {@link #before} to fail or to be killed at any of them.
 */
class DurableFiles {
  private static final int PATIENCE_ATTEMPTS = 8;
  private static final long FIRST_WAIT_MILLIS = 25; // doubles: 3 s in all before giving up

  /** Something written into an open file; must force it to the disk. */
  interface Content {
    void write(FileChannel channel) throws IOException;
  }

  /** Called before every change. */
  void before(String operation, Path path) throws IOException {}

  /** Creates a folder and its parents; no complaint if it is there. */
  void createFolder(Path folder) throws IOException {
    before("create", folder);
    Files.createDirectories(folder);
  }

  /** Writes a file that is not there yet and forces it to the disk. */
  void write(Path file, Content content) throws IOException {
    before("write", file);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW)) {
      content.write(channel);
      channel.force(true);
    }
  }

  /** Writes bytes as {@link #write(Path, Content)} does. */
  void write(Path file, byte[] bytes) throws IOException {
    write(
        file,
        channel -> {
          ByteBuffer buffer = ByteBuffer.wrap(bytes);
          while (buffer.hasRemaining()) {
            channel.write(buffer);
          }
        });
  }

  /** Forces a folder's names to the disk, where the system has such a thing (Windows has not). */
  void sync(Path folder) throws IOException {
    before("sync", folder);
    FileChannel channel;
    try {
      channel = FileChannel.open(folder, StandardOpenOption.READ);
    } catch (IOException e) {
      return; // folders cannot be opened here
    }
    try (channel) {
      channel.force(true);
    }
  }

  /** Renames to a name that is free, waiting a while for whoever holds the files open. */
  void rename(Path from, Path to) throws IOException {
    before("rename", from);
    if (Files.exists(to, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(to.toString());
    }
    patiently(() -> move(from, to));
  }

  /** Renames over an older file: only for pictures, which can be made again. */
  void replace(Path from, Path to) throws IOException {
    before("replace", to);
    patiently(() -> move(from, to, StandardCopyOption.REPLACE_EXISTING));
  }

  private static void move(Path from, Path to, StandardCopyOption... options) throws IOException {
    try {
      StandardCopyOption[] atomic = {StandardCopyOption.ATOMIC_MOVE};
      Files.move(from, to, atomic);
    } catch (AtomicMoveNotSupportedException e) {
      Files.move(from, to, options);
    }
  }

  /** Deletes a file or an empty folder, if it is there. */
  void delete(Path path) throws IOException {
    before("delete", path);
    patiently(() -> Files.deleteIfExists(path));
  }

  /** Deletes a folder and what is in it. */
  void deleteTree(Path folder) throws IOException {
    before("delete", folder);
    List<Path> innermostFirst;
    try (Stream<Path> paths = Files.walk(folder)) {
      innermostFirst = paths.sorted((a, b) -> b.getNameCount() - a.getNameCount()).toList();
    } catch (NoSuchFileException e) {
      return;
    }
    for (Path path : innermostFirst) {
      patiently(() -> Files.deleteIfExists(path));
    }
  }

  private interface Change {
    void make() throws IOException;
  }

  private static void patiently(Change change) throws IOException {
    long wait = FIRST_WAIT_MILLIS;
    for (int attempt = 1; ; attempt++) {
      try {
        change.make();
        return;
      } catch (NoSuchFileException | FileAlreadyExistsException e) {
        throw e;
      } catch (FileSystemException e) {
        if (attempt == PATIENCE_ATTEMPTS) {
          throw e;
        }
        try {
          Thread.sleep(wait);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          throw e;
        }
        wait *= 2;
      }
    }
  }
}
