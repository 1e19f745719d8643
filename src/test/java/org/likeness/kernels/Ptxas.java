package org.likeness.kernels;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.likeness.testing.CudaToolkit;
import org.likeness.testing.Run;

/** The assembler, and what it says of each entry. */
final class Ptxas {
  private static final Pattern LINES =
      Pattern.compile(
          "Compiling entry function '(?<entry>\\w+)' for '\\w+'"
              + "|Function properties for (?<function>\\w+)"
              + "|(?<stack>\\d+) bytes stack frame, (?<stores>\\d+) bytes spill stores,"
              + " (?<loads>\\d+) bytes spill loads"
              + "|Used (?<registers>\\d+) registers(?<rest>.*)");
  private static final Pattern SHARED = Pattern.compile("(\\d+) bytes smem");

  private Ptxas() {}

  /**
   * What an entry needs on an architecture.
   *
   * @param stack bytes of local memory
   * @param spills bytes that registers are spilled to and filled from
   * @param shared bytes of static shared memory
   */
  record Usage(String entry, int registers, int stack, int spills, int shared) {}

  /** Assembles a PTX file; entries come in the order of their names. */
  static List<Usage> assemble(Path ptx, int architecture, Path cubin) throws IOException {
    String assembler = CudaToolkit.ptxas(architecture).toString();
    String said =
        Run.checked(
            List.of(
                assembler,
                "-v",
                "-arch=sm_" + architecture,
                ptx.toString(),
                "-o",
                cubin.toString()));
    return parse(said);
  }

  /** Reads the words of {@code ptxas -v}; a called function's spills count for the entry before. */
  static List<Usage> parse(String said) {
    List<Usage> usages = new ArrayList<>();
    String entry = "";
    int stack = 0;
    int spills = 0;
    for (Matcher m = LINES.matcher(said); m.find(); ) {
      if (m.group("entry") != null) {
        entry = m.group("entry");
        stack = 0;
        spills = 0;
      } else if (m.group("stack") != null) {
        stack += Integer.parseInt(m.group("stack"));
        spills += Integer.parseInt(m.group("stores")) + Integer.parseInt(m.group("loads"));
      } else if (m.group("registers") != null && !entry.isEmpty()) {
        Matcher shared = SHARED.matcher(m.group("rest"));
        int bytes = shared.find() ? Integer.parseInt(shared.group(1)) : 0;
        usages.add(new Usage(entry, Integer.parseInt(m.group("registers")), stack, spills, bytes));
        entry = "";
      }
    }
    return usages.stream().sorted((a, b) -> a.entry().compareTo(b.entry())).toList();
  }
}
