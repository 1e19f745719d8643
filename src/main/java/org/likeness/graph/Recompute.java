package org.likeness.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Which forward values a step lets go of and makes again on its way back. */
public sealed interface Recompute {
  /** None: every value that is read again is kept. */
  Recompute NONE = new Blocks(List.of());

  /** Those of some layers, by the beginnings of their values' names: {@code encoder/down1}. */
  record Blocks(List<String> names) implements Recompute {
    /** Copies the names. */
    public Blocks {
      names = List.copyOf(names);
    }

    @Override
    public String toString() {
      return names.isEmpty() ? "none" : String.join(",", names);
    }
  }

  /** Those that cost the least time among all by which the slab takes so many bytes at most. */
  record Within(long slabBytes) implements Recompute {
    @Override
    public String toString() {
      return String.format(Locale.ROOT, "within %d bytes", slabBytes);
    }
  }

  /** Reads what {@code toString} writes; a dot in a name is as good as a slash. */
  static Recompute parse(String text) {
    if (text.equals("none") || text.isBlank()) {
      return NONE;
    }
    if (text.startsWith("within ")) {
      return new Within(Long.parseLong(text.split(" ")[1]));
    }
    return new Blocks(
        Arrays.stream(text.split(",", -1)).map(name -> name.strip().replace('.', '/')).toList());
  }
}
