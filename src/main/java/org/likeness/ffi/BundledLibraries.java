package org.likeness.ffi;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.CheckedOutputStream;

/**
 * Native libraries that travel inside jars on the class path, copied once per user into a cache
 * folder named after their contents. A file appears there only under its final name and complete,
 * so that any number of processes may start at once; one that is damaged is replaced.
 */
public final class BundledLibraries {
  private static final int TRIES = 10;
  private static final Duration ABANDONED = Duration.ofHours(1);

  private BundledLibraries() {}

  /** One file inside a jar: its name, size and CRC-32 from the jar's directory. */
  private record Entry(String name, URL url, long size, long crc) {}

  /**
   * Returns the files of {@code resources} (class path names such as {@code
   * org/bytedeco/dnnl/linux-x86_64/libdnnl.so.3}), in that order, side by side in one folder under
   * {@code cache}.
   */
  public static Availability<List<Path>> extract(
      String name, List<String> resources, ClassLoader jars, Path cache) {
    List<Entry> entries = new ArrayList<>();
    Path folder = cache;
    try {
      for (String resource : resources) {
        URL url = jars.getResource(resource);
        if (url == null) {
          return new Availability.Absent<>(name, List.of(resource + " on the class path"));
        }
        entries.add(entry(resource, url));
      }
      folder = cache.resolve(name + "-" + fingerprint(entries));
      Files.createDirectories(folder);
      List<Path> files = new ArrayList<>();
      for (Entry entry : entries) {
        files.add(place(entry, folder));
      }
      return new Availability.Available<>(files);
    } catch (IOException e) {
      return new Availability.Broken<>(
          name, "it could not be copied to " + folder + ": " + words(e));
    }
  }

  /** Returns this user's folder for extracted libraries: under LOCALAPPDATA or XDG_CACHE_HOME. */
  public static Path userCache() {
    boolean windows = System.getProperty("os.name").startsWith("Windows");
    String given = System.getenv(windows ? "LOCALAPPDATA" : "XDG_CACHE_HOME");
    Path home = Path.of(System.getProperty("user.home"));
    Path usual = windows ? home.resolve("AppData").resolve("Local") : home.resolve(".cache");
    Path base = given == null || given.isBlank() ? usual : Path.of(given);
    return base.resolve("likeness").resolve("native");
  }

  private static Entry entry(String resource, URL url) throws IOException {
    String name = resource.substring(resource.lastIndexOf('/') + 1);
    URLConnection connection = url.openConnection();
    connection.setUseCaches(true);
    if (connection instanceof JarURLConnection jar) {
      JarEntry known = jar.getJarEntry();
      if (known.getSize() >= 0 && known.getCrc() >= 0) {
        return new Entry(name, url, known.getSize(), known.getCrc());
      }
    }
    CRC32 crc = new CRC32();
    try (InputStream in = new CheckedInputStream(url.openStream(), crc)) {
      long size = in.transferTo(OutputStream.nullOutputStream());
      return new Entry(name, url, size, crc.getValue());
    }
  }

  private static String fingerprint(List<Entry> entries) {
    CRC32 all = new CRC32();
    for (Entry e : entries) {
      all.update(
          (e.name() + " " + e.size() + " " + e.crc() + "\n").getBytes(StandardCharsets.UTF_8));
    }
    return HexFormat.of().toHexDigits((int) all.getValue());
  }

  private static Path place(Entry entry, Path folder) throws IOException {
    Path file = folder.resolve(entry.name());
    if (!holds(file, entry)) {
      sweep(folder);
      Path part = Files.createTempFile(folder, entry.name() + ".", ".part");
      try {
        copy(entry, part);
        settle(part, file, entry);
      } finally {
        Files.deleteIfExists(part);
      }
    }
    return file;
  }

  private static boolean holds(Path file, Entry entry) throws IOException {
    try {
      if (Files.size(file) != entry.size()) {
        return false;
      }
      CRC32 crc = new CRC32();
      try (InputStream in = new CheckedInputStream(Files.newInputStream(file), crc)) {
        in.transferTo(OutputStream.nullOutputStream());
      }
      return crc.getValue() == entry.crc();
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static void copy(Entry entry, Path part) throws IOException {
    CRC32 crc = new CRC32();
    long size;
    try (InputStream in = entry.url().openStream();
        OutputStream out = new CheckedOutputStream(Files.newOutputStream(part), crc)) {
      size = in.transferTo(out);
    }
    if (size != entry.size() || crc.getValue() != entry.crc()) {
      throw new IOException(
          entry.url() + " is damaged; delete the jar so that it is fetched again");
    }
  }

  /**
   * Renames the complete copy to its final name. On Windows that fails while another process has
   * the file open: then the file is that process's own complete copy, or a virus scanner lets go of
   * it in a moment.
   */
  private static void settle(Path part, Path file, Entry entry) throws IOException {
    for (int attempt = 1; ; attempt++) {
      try {
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        return;
      } catch (AccessDeniedException | FileAlreadyExistsException e) {
        if (holds(file, entry)) {
          return;
        }
        waitOrGiveUp(attempt, e);
      } catch (FileSystemException e) {
        waitOrGiveUp(attempt, e);
      }
    }
  }

  private static void waitOrGiveUp(int attempt, IOException failure) throws IOException {
    if (attempt == TRIES) {
      throw failure;
    }
    try {
      Thread.sleep(20L * attempt);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure;
    }
  }

  /** Deletes copies that a killed process left unfinished. */
  private static void sweep(Path folder) throws IOException {
    FileTime limit = FileTime.from(Instant.now().minus(ABANDONED));
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*.part")) {
      for (Path part : parts) {
        try {
          if (Files.getLastModifiedTime(part).compareTo(limit) < 0) {
            Files.deleteIfExists(part);
          }
        } catch (FileSystemException e) {
          // another process deletes it, or holds it open
        }
      }
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
  }

  private static String words(IOException e) {
    return e instanceof FileSystemException f && f.getReason() == null
        ? f.getClass().getSimpleName() + " " + f.getFile()
        : e.getMessage();
  }
}
