package org.likeness.saehd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * How strong the shadows and highlights of one side are (spec model.md 1.6, data.md 7.5): factors
 * of light inside a shadow from {@code low} to {@code lowTo}, and outside it from {@code high} to
 * {@code highTo}.
 */
public record Shadows(double low, double lowTo, double high, double highTo) {
  /** The value of an option that leaves its side to {@code random_shadow}. */
  static final String UNSET = "";

  /** The value of an option that casts none. */
  static final String NONE = "none";

  /** Allowed values, as a refusal names them. */
  static final String USE =
      "none, on, or four numbers: the light in a shadow from 0 to 1, from and to, and outside it"
          + " from 0 to 10, from and to (0.2 0.6 1 3)";

  /** DeepFaceLab-MVE's defaults in a file (spec model.md 1.6). */
  private static final Shadows FILE = new Shadows(0.2, 0.6, 1, 3);

  private static final Pattern ENTRY = Pattern.compile("\"(\\w+)\"\\s*:\\s*\"?([\\w.+-]+)\"?");
  private static final List<String> KEYS =
      List.of("shadow_low", "shadow_high", "high_bright_low", "high_bright_high");

  /** Refuses factors out of range or in the wrong order. */
  public Shadows {
    if (!(0 <= low && low <= lowTo && lowTo <= 1 && 0 <= high && high <= highTo && highTo <= 10)) {
      throw new IllegalArgumentException("shadows of " + low + " to " + highTo);
    }
  }

  /** Returns what an option's value asks for: nothing where it is unset or none. */
  public static Optional<Shadows> of(String value) {
    if (value.equals(UNSET) || value.equals(NONE)) {
      return Optional.empty();
    }
    double[] n = Stream.of(value.split(" ", -1)).mapToDouble(Double::parseDouble).toArray();
    return Optional.of(new Shadows(n[0], n[1], n[2], n[3]));
  }

  /** Whether a value leaves its side to {@code random_shadow}. */
  public static boolean isUnset(String value) {
    return value.equals(UNSET);
  }

  /**
   * Returns the value that a text means: words, four numbers, or the list of one-key objects that
   * DeepFaceLab-MVE writes.
   */
  static String canonical(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "", "[]" -> UNSET;
      case "none", "no", "off", "false", "n" -> NONE;
      case "on", "yes", "true", "y" -> FILE.toString();
      default -> text.startsWith("[") ? list(text) : numbers(List.of(text.split("[ ,]+", -1)));
    };
  }

  private static String list(String text) {
    Map<String, String> entries = new LinkedHashMap<>();
    for (MatchResult entry : ENTRY.matcher(text).results().toList()) {
      entries.put(entry.group(1), entry.group(2));
    }
    if (!entries.getOrDefault("enabled", "false").equalsIgnoreCase("true")) {
      return NONE;
    }
    String[] usual = FILE.toString().split(" ", -1);
    for (int i = 0; i < usual.length; i++) {
      usual[i] = entries.getOrDefault(KEYS.get(i), usual[i]);
    }
    return numbers(List.of(usual));
  }

  private static String numbers(List<String> numbers) {
    try {
      double[] n = numbers.stream().mapToDouble(Double::parseDouble).toArray();
      return n.length == 4 ? new Shadows(n[0], n[1], n[2], n[3]).toString() : null;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The option's value. */
  @Override
  public String toString() {
    return Stream.of(low, lowTo, high, highTo)
        .map(OptionKind.Real::decimal)
        .reduce((a, b) -> a + " " + b)
        .orElseThrow();
  }
}
