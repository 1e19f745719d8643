package org.likeness.ffi;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/** Finds folders whose names hold a version or something else that varies. */
public final class FolderPattern {
  private static final Pattern NUMBER = Pattern.compile("\\d+");

  private FolderPattern() {}

  /**
   * Returns the folders under {@code root} that fit a pattern such as "cuda-*&#47;lib64", of each
   * name the highest number first; none where the root is missing or may not be read.
   */
  public static List<Path> matching(Path root, String pattern) {
    List<Path> found = List.of(root);
    for (String part : pattern.split("/")) {
      List<Path> next = new ArrayList<>();
      found.forEach(folder -> next.addAll(within(folder, part)));
      found = next;
    }
    return found;
  }

  private static List<Path> within(Path folder, String part) {
    if (!part.contains("*")) {
      Path only = folder.resolve(part);
      return Files.isDirectory(only) ? List.of(only) : List.of();
    }
    List<Path> found = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (DirectoryStream<Path> fitting = Files.newDirectoryStream(folder, part)) {
        fitting.forEach(found::add);
      } catch (IOException | DirectoryIteratorException e) {
        return List.of(); // a folder that may not be read holds nothing for us
      }
    }
    found.removeIf(path -> !Files.isDirectory(path));
    found.sort(Comparator.comparing(FolderPattern::ordered).reversed());
    return found;
  }

  /** A folder's name whose numbers, padded, sort as numbers: 12.10 after 12.9. */
  private static String ordered(Path folder) {
    return NUMBER
        .matcher(folder.getFileName().toString())
        .replaceAll(n -> String.format(Locale.ROOT, "%12s", n.group()).replace(' ', '0'));
  }
}
