package org.likeness.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One source of kernels and what its first comment lines declare: {@code // targets: 75 80} (75
 * unless they say), and for entries that are launched with dynamic shared memory {@code //
 * dynamic-shared: PREFIX BYTES} (the longest prefix of an entry's name decides).
 *
 * @param targets the PTX targets that it is compiled for, ascending
 * @param dynamicShared bytes by prefix of the entries' names
 */
record KernelFamily(
    String name, Path source, List<Integer> targets, Map<String, Integer> dynamicShared) {
  /** Every architecture that a report or a check covers. */
  static final List<Integer> ARCHITECTURES = List.of(75, 80, 86, 89, 90, 120);

  static final Path SOURCES = Path.of("src", "main", "cuda");
  static final Path KERNELS = Path.of("kernels");

  private static final List<Integer> KNOWN = List.of(75, 80);
  private static final int HEADER_LINES = 80;
  private static final Pattern TARGETS = Pattern.compile("//\\s*targets:((?:\\s+\\d+)+)\\s*");
  private static final Pattern SHARED =
      Pattern.compile("//\\s*dynamic-shared:\\s*(\\w+)\\s+(\\d+)\\s*");

  /** Returns the families of {@code src/main/cuda}, by name. */
  static List<KernelFamily> all(Path sources) throws IOException {
    if (!Files.isDirectory(sources)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(sources)) {
      List<KernelFamily> families = new ArrayList<>();
      for (Path file : files.filter(f -> f.toString().endsWith(".cu")).sorted().toList()) {
        families.add(of(file));
      }
      return families;
    }
  }

  /** Reads what a source declares. */
  static KernelFamily of(Path source) throws IOException {
    String file = source.getFileName().toString();
    List<Integer> targets = new ArrayList<>();
    Map<String, Integer> shared = new LinkedHashMap<>();
    try (Stream<String> lines = Files.lines(source)) {
      for (String line : lines.limit(HEADER_LINES).toList()) {
        Matcher target = TARGETS.matcher(line);
        if (target.matches()) {
          Stream.of(target.group(1).strip().split("\\s+"))
              .map(Integer::valueOf)
              .forEach(targets::add);
        }
        Matcher bytes = SHARED.matcher(line);
        if (bytes.matches()) {
          shared.put(bytes.group(1), Integer.valueOf(bytes.group(2)));
        }
      }
    }
    if (!KNOWN.containsAll(targets)) {
      throw new IOException(source + " declares targets " + targets + "; known are " + KNOWN);
    }
    if (targets.isEmpty()) {
      targets.add(KNOWN.getFirst());
    }
    String name = file.substring(0, file.length() - ".cu".length());
    return new KernelFamily(name, source, targets.stream().sorted().toList(), shared);
  }

  /** Returns where the PTX for a target belongs. */
  Path ptx(Path kernels, int target) {
    return kernels.resolve(name + ".sm" + target + ".ptx");
  }

  /** Returns the target whose PTX a device of an architecture loads: the newest that it takes. */
  Optional<Integer> targetFor(int architecture) {
    return targets.stream().filter(t -> t <= architecture).reduce((a, b) -> b);
  }

  /** Returns the architectures that load the PTX for a target. */
  List<Integer> served(int target) {
    return ARCHITECTURES.stream()
        .filter(a -> targetFor(a).filter(t -> t == target).isPresent())
        .toList();
  }

  /** Returns the dynamic shared memory that an entry is launched with. */
  int dynamicShared(String entry) {
    return dynamicShared.entrySet().stream()
        .filter(e -> entry.startsWith(e.getKey()))
        .max(Map.Entry.comparingByKey((a, b) -> Integer.compare(a.length(), b.length())))
        .map(Map.Entry::getValue)
        .orElse(0);
  }
}
