package org.likeness.kernels;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What the compiler tells of one entry.
 *
 * @param threads threads of a block
 * @param dynamicShared bytes that it is launched with
 */
record EntryReport(String name, int threads, int dynamicShared, List<On> on) {
  private static final Pattern TENSOR =
      Pattern.compile("^(conv_(forward|dgrad|wgrad)|dense)_.*?(bf16|f16|tf32)(_.*)?$");

  /**
   * One architecture.
   *
   * @param occupancy percent of the warps that a multiprocessor holds
   * @param tensor tensor-core instructions inside loops
   * @param wideLoads 128-bit loads from global memory, {@code cp.async} among them
   * @param wideStores 128-bit stores to global memory
   */
  record On(
      int architecture,
      int registers,
      int spills,
      int shared,
      int occupancy,
      int tensor,
      int wideLoads,
      int wideStores) {

    String json() {
      return String.format(
          Locale.ROOT,
          "{\"sm\": %d, \"registers\": %d, \"spills\": %d, \"shared\": %d, \"occupancy\": %d,"
              + " \"tensor\": %d, \"wideLoads\": %d, \"wideStores\": %d}",
          architecture,
          registers,
          spills,
          shared,
          occupancy,
          tensor,
          wideLoads,
          wideStores);
    }
  }

  /** Whether the name promises tensor cores. */
  boolean isTensor() {
    return TENSOR.matcher(name).matches();
  }

  String json() {
    StringBuilder text = new StringBuilder();
    text.append("      {\"entry\": \"").append(name).append("\", \"threads\": ").append(threads);
    text.append(", \"dynamicShared\": ").append(dynamicShared).append(", \"on\": [\n        ");
    text.append(String.join(",\n        ", on.stream().map(On::json).toList()));
    return text.append("\n      ]}").toString();
  }

  /** One row of the table: a cell for each architecture, "-" where another file serves it. */
  String row() {
    StringBuilder text = new StringBuilder("| `" + name + "` | " + threads + " | ");
    text.append(on.getFirst().shared() + dynamicShared).append(" |");
    for (int architecture : KernelFamily.ARCHITECTURES) {
      On found = on.stream().filter(o -> o.architecture() == architecture).findFirst().orElse(null);
      text.append(
          found == null ? " - |" : " " + found.registers() + ", " + found.occupancy() + " % |");
    }
    On newest = on.getLast();
    text.append(isTensor() || newest.tensor() > 0 ? " " + newest.tensor() + " |" : " |");
    return text + " " + newest.wideLoads() + " + " + newest.wideStores() + " |";
  }
}
