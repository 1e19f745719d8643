package org.likeness.benchmarks;

import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A kernel that does nothing with its parameters: of each five, two addresses, two counts and a
 * factor.
 */
record EmptyKernel(int parameters) {
  /** What the kernel is called in its PTX. */
  static final String NAME = "empty";

  private static final String[] TYPES = {"u64", "u64", "u32", "u32", "f32"};

  /** Returns the module's text. */
  String ptx() {
    String list =
        IntStream.range(0, parameters)
            .mapToObj(i -> ".param ." + TYPES[i % TYPES.length] + " p" + i)
            .collect(Collectors.joining(", "));
    return ".version 8.4\n.target sm_75\n.address_size 64\n.visible .entry %s(%s)\n{\n  ret;\n}\n"
        .formatted(NAME, list);
  }

  /** Returns whether a parameter is an address. */
  static boolean address(int parameter) {
    return TYPES[parameter % TYPES.length].equals("u64");
  }

  /** Returns whether a parameter is a 32-bit count. */
  static boolean count(int parameter) {
    return TYPES[parameter % TYPES.length].equals("u32");
  }
}
