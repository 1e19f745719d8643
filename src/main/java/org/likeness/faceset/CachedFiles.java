package org.likeness.faceset;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What a {@link FaceCache}'s folder holds, by name, {@code PREPARATION/CONTENT.face}; files of any
 * other name are not ours. For one thread at a time.
 */
final class CachedFiles {
  private static final Pattern PREPARATION = Pattern.compile("\\d+px-[a-z_-]+-[0-9a-f]{16}");
  private static final Pattern FACE = Pattern.compile("[0-9a-f]{32}\\.face");
  private static final Pattern PART = Pattern.compile("[0-9a-f]{32}\\.face\\..*\\.part");

  private final Path folder;
  private final Map<String, Long> bytes = new HashMap<>();
  private final Deque<String> oldest = new ArrayDeque<>(); // of the last use, first
  private long total;

  private record Found(String name, long bytes, long used) {}

  private CachedFiles(Path folder) {
    this.folder = folder;
  }

  static String name(String preparation, Face face) {
    return preparation + "/" + face.content().substring(0, 32) + ".face";
  }

  /** Looks for files, and where {@code tidies} deletes those whose writing was cut off. */
  static CachedFiles of(Path folder, boolean tidies) throws IOException {
    List<Found> found = new ArrayList<>();
    for (Path preparation : inside(folder, PREPARATION)) {
      for (Path file : inside(preparation, FACE)) {
        String name = preparation.getFileName() + "/" + file.getFileName();
        try {
          BasicFileAttributes seen = Files.readAttributes(file, BasicFileAttributes.class);
          found.add(new Found(name, seen.size(), seen.lastModifiedTime().toMillis()));
        } catch (IOException e) {
          continue; // deleted meanwhile
        }
      }
      for (Path part : tidies ? inside(preparation, PART) : List.<Path>of()) {
        deleted(part);
      }
    }
    found.sort(Comparator.comparingLong(Found::used).thenComparing(Found::name));
    CachedFiles files = new CachedFiles(folder);
    for (Found file : found) {
      files.add(file.name, file.bytes);
      files.oldest.add(file.name);
    }
    return files;
  }

  private static List<Path> inside(Path folder, Pattern names) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            folder, path -> names.matcher(path.getFileName().toString()).matches())) {
      all.forEach(found::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    return found;
  }

  private static boolean deleted(Path file) {
    try {
      Files.deleteIfExists(file);
      return true;
    } catch (IOException e) {
      return false; // open elsewhere, on Windows
    }
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  boolean contains(String name) {
    return bytes.containsKey(name);
  }

  long total() {
    return total;
  }

  void add(String name, long size) {
    Long before = bytes.put(name, size);
    total += size - (before == null ? 0 : before);
  }

  /** It is not there, or not whole. */
  void forget(String name) {
    Long size = bytes.remove(name);
    total -= size == null ? 0 : size;
  }

  /** Deletes what was not used for longest, but for {@code kept}; false where nothing is left. */
  boolean dropOldest(Predicate<String> kept) {
    for (String name = oldest.poll(); name != null; name = oldest.poll()) {
      if (contains(name) && !kept.test(name) && deleted(path(name))) {
        forget(name);
        return true;
      }
    }
    return false;
  }
}
