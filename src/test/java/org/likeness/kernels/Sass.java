package org.likeness.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.likeness.testing.CudaToolkit;
import org.likeness.testing.Run;

/**
 * The machine instructions of one entry.
 *
 * @param lines labels and instructions in order
 */
record Sass(List<String> lines) {
  private static final Pattern SECTION = Pattern.compile("^\\.section\\s+\\.text\\.(\\w+),.*");
  private static final Pattern LABEL = Pattern.compile("^(\\.L_x_\\d+):.*");
  private static final Pattern BRANCH = Pattern.compile(".*\\bBRA\\b.*`\\((\\.L_x_\\d+)\\).*");

  /** Disassembles a cubin: entry to instructions. */
  static Map<String, Sass> of(Path cubin) throws IOException {
    String nvdisasm = CudaToolkit.nvdisasm().toString();
    return parse(Run.checked(List.of(nvdisasm, "-c", cubin.toString())));
  }

  /** Reads the disassembler's text. */
  static Map<String, Sass> parse(String text) {
    Map<String, Sass> entries = new TreeMap<>();
    List<String> current = new ArrayList<>();
    for (String line : (Iterable<String>) text.lines().map(String::strip)::iterator) {
      Matcher section = SECTION.matcher(line);
      if (section.matches()) {
        current = new ArrayList<>();
        entries.put(section.group(1), new Sass(current));
      } else if (line.matches("\\.section\\s.*")) { // not .sectionflags, which follow a heading
        current = new ArrayList<>();
      } else if (LABEL.matcher(line).matches() || line.startsWith("/*")) {
        current.add(line);
      }
    }
    return entries;
  }

  /** Counts the instructions whose opcode matches. */
  int count(Pattern opcode) {
    return (int) lines.stream().filter(line -> opcode.matcher(line).find()).count();
  }

  /** Counts those that lie inside a loop: between a label and a branch back to it. */
  int countInLoops(Pattern opcode) {
    Map<String, Integer> labels = new HashMap<>();
    boolean[] looped = new boolean[lines.size()];
    for (int i = 0; i < looped.length; i++) {
      Matcher label = LABEL.matcher(lines.get(i));
      if (label.matches()) {
        labels.put(label.group(1), i);
      }
      Matcher branch = BRANCH.matcher(lines.get(i));
      if (branch.matches() && labels.containsKey(branch.group(1))) {
        Arrays.fill(looped, labels.get(branch.group(1)), i, true);
      }
    }
    int count = 0;
    for (int i = 0; i < looped.length; i++) {
      count += looped[i] && opcode.matcher(lines.get(i)).find() ? 1 : 0;
    }
    return count;
  }
}
