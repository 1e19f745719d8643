package org.likeness.saehd;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A recipe: which options a session changes at which iteration. Written {@code until=20000;
 * until=30000, lr_dropout=y; gan_power=0.1}: phases in their order, each with the iteration at
 * which it ends (the last may have none; training ends where it does) and with what changes when it
 * begins. A change lasts until a later phase changes it again.
 */
public record Phases(List<Phase> list) {
  private static final String UNTIL = "until";

  /**
   * One phase.
   *
   * @param until the iteration at which it ends; Long.MAX_VALUE for never
   * @param changes option names and values as text
   */
  public record Phase(long until, Map<String, String> changes) {
    @Override
    public String toString() {
      List<String> parts = new ArrayList<>();
      if (until != Long.MAX_VALUE) {
        parts.add(UNTIL + "=" + until);
      }
      changes.forEach((name, value) -> parts.add(name + "=" + value));
      return String.join(", ", parts);
    }
  }

  /** Reads what {@link #toString} writes; an empty text is a recipe without phases. */
  static Phases parse(String text) {
    List<Phase> phases = new ArrayList<>();
    if (!text.isBlank()) {
      for (String part : text.split(";", -1)) {
        phases.add(phase(part, phases.size() + 1));
      }
    }
    long before = 0;
    for (int i = 0; i < phases.size(); i++) {
      long until = phases.get(i).until();
      if (until <= before || until == Long.MAX_VALUE && i < phases.size() - 1) {
        throw new InvalidOptionException(
            "phases: phase %d must end after iteration %d, and only the last may go on for ever"
                .formatted(i + 1, before));
      }
      before = until;
    }
    return new Phases(List.copyOf(phases));
  }

  private static Phase phase(String text, int number) {
    long until = Long.MAX_VALUE;
    Map<String, String> changes = new LinkedHashMap<>();
    for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
      int equals = part.indexOf('=');
      String name = equals < 0 ? part.strip() : part.substring(0, equals).strip();
      String value = equals < 0 ? "" : part.substring(equals + 1).strip();
      if (equals < 0) {
        throw new InvalidOptionException(
            "phases: phase %d has \"%s\" where name=value belongs"
                .formatted(number, OptionKind.shown(name)));
      }
      if (name.equals(UNTIL)) {
        until = iteration(value, number);
      } else if (changes.put(name, value) != null) {
        throw new InvalidOptionException(
            "phases: phase %d sets %s twice: remove one of the two".formatted(number, name));
      }
    }
    return new Phase(until, changes);
  }

  private static long iteration(String text, int number) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new InvalidOptionException(
          "phases: phase %d ends at %s: use until and a whole number"
              .formatted(number, OptionKind.shown(text)));
    }
  }

  /** The index of the phase to which the step after {@code iteration} belongs, -1 for none. */
  public int at(long iteration) {
    for (int i = 0; i < list.size(); i++) {
      if (iteration < list.get(i).until()) {
        return i;
      }
    }
    return list.size() - 1; // after the last one's end its changes stay
  }

  /** The iteration at which the phase of {@code iteration} ends, Long.MAX_VALUE for never. */
  public long end(long iteration) {
    int phase = at(iteration);
    return phase < 0 ? Long.MAX_VALUE : list.get(phase).until();
  }

  /** What has changed by the time phase {@code index} begins, its own changes included. */
  Map<String, String> changesAt(int index) {
    Map<String, String> changes = new LinkedHashMap<>();
    list.subList(0, index + 1).forEach(phase -> changes.putAll(phase.changes()));
    return changes;
  }

  @Override
  public String toString() {
    return list.stream().map(Phase::toString).collect(Collectors.joining("; "));
  }
}
