package org.likeness.saehd;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** What values an option accepts: parses text, checks values, and says what is allowed. */
public sealed interface OptionKind<T> {
  /** Characters of a value that a refusal repeats. */
  int MOST_SHOWN = 80;

  /** The class of the option's values. */
  Class<T> type();

  /** The value written as {@code text}, not yet checked. */
  T parse(String name, String text);

  /** Refuses a value that is not allowed, in a sentence that says what is. */
  void check(String name, T value);

  private static InvalidOptionException refusal(String name, Object value, String use) {
    return new InvalidOptionException(
        "%s %s is not allowed: use %s".formatted(name, shown(value), use));
  }

  /** A value as a person wrote it, on one line. */
  static String shown(Object value) {
    String text =
        value instanceof Double number && number == Math.rint(number) && Math.abs(number) < 1e15
            ? Real.decimal(number)
            : value.toString();
    String line = text.replaceAll("\\p{Cntrl}+", " ");
    return line.isEmpty()
        ? "\"\""
        : line.length() > MOST_SHOWN ? line.substring(0, MOST_SHOWN) + "..." : line;
  }

  /** A whole number from {@code min} to {@code max} that {@code step} divides. */
  record Whole(int min, int max, int step) implements OptionKind<Integer> {
    Whole(int min, int max) {
      this(min, max, 1);
    }

    @Override
    public Class<Integer> type() {
      return Integer.class;
    }

    @Override
    public Integer parse(String name, String text) {
      try {
        return new BigDecimal(text).intValueExact();
      } catch (NumberFormatException | ArithmeticException e) {
        throw refusal(name, text, use());
      }
    }

    @Override
    public void check(String name, Integer value) {
      if (value < min || value > max || value % step != 0) {
        throw refusal(name, value, use());
      }
    }

    private String use() {
      return "%s from %d to %d".formatted(noun(), min, max);
    }

    /** From where to where. */
    public String allowed() {
      return max == Integer.MAX_VALUE ? min + " upwards" : min + " to " + max;
    }

    private String noun() {
      return switch (step) {
        case 1 -> "a whole number";
        case 2 -> "an even number";
        default -> "a multiple of " + step;
      };
    }
  }

  /** A number from {@code min} to {@code max}. */
  record Real(double min, double max) implements OptionKind<Double> {
    private static final Pattern DECIMAL = Pattern.compile("[-+.\\deE]+");

    @Override
    public Class<Double> type() {
      return Double.class;
    }

    @Override
    public Double parse(String name, String text) {
      try {
        if (DECIMAL.matcher(text).matches()) { // Java reads 1f and 0x1p0 too
          return Double.valueOf(text);
        }
      } catch (NumberFormatException e) {
        // below
      }
      throw refusal(name, text, "a number from " + allowed());
    }

    @Override
    public void check(String name, Double value) {
      if (!(value >= min && value <= max)) { // NaN too
        throw refusal(name, value, "a number from " + allowed());
      }
    }

    /** From where to where. */
    public String allowed() {
      return decimal(min) + " to " + decimal(max);
    }

    static String decimal(double value) {
      return BigDecimal.valueOf(value).stripTrailingZeros().toPlainString();
    }
  }

  /** On or off. */
  record Flag() implements OptionKind<Boolean> {
    private static final Set<String> ON = Set.of("true", "yes", "y", "on", "1");
    private static final Set<String> OFF = Set.of("false", "no", "n", "off", "0");

    @Override
    public Class<Boolean> type() {
      return Boolean.class;
    }

    @Override
    public Boolean parse(String name, String text) {
      String word = text.toLowerCase(Locale.ROOT);
      if (ON.contains(word)) {
        return true;
      }
      if (OFF.contains(word)) {
        return false;
      }
      throw refusal(name, text, "true or false");
    }

    @Override
    public void check(String name, Boolean value) {}
  }

  /** One of a few words; upper and lower case are the same. */
  record Choice(List<String> words) implements OptionKind<String> {
    Choice(String... words) {
      this(List.of(words));
    }

    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public String parse(String name, String text) {
      String word =
          switch (text.toLowerCase(Locale.ROOT)) { // older files have lr_dropout as a flag
            case "true", "yes", "on" -> words.contains("y") ? "y" : text;
            case "false", "no", "off" -> words.contains("n") ? "n" : text;
            default -> text;
          };
      return words.stream().filter(word::equalsIgnoreCase).findFirst().orElse(text);
    }

    @Override
    public void check(String name, String value) {
      if (!words.contains(value)) {
        throw refusal(name, value, "one of " + String.join(", ", words));
      }
    }
  }

  /** An architecture: df or liae, then optionally a dash and letters of u, d, t, c. */
  record Archi() implements OptionKind<String> {
    private static final String USE =
        "df or liae, alone or with a dash and any of the letters u, d, t, c, each once (liae-udt)";

    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public String parse(String name, String text) {
      return text.toLowerCase(Locale.ROOT);
    }

    @Override
    public void check(String name, String value) {
      int dash = value.indexOf('-');
      String family = dash < 0 ? value : value.substring(0, dash);
      String letters = dash < 0 ? "" : value.substring(dash + 1);
      boolean known =
          (family.equals("df") || family.equals("liae"))
              && (dash < 0 || !letters.isEmpty())
              && letters.chars().allMatch(letter -> "udtc".indexOf(letter) >= 0)
              && letters.chars().distinct().count() == letters.length();
      if (!known) {
        throw refusal(name, value, USE);
      }
    }
  }

  /** A word that may be part of a file's name on any system; empty for none. */
  record Label() implements OptionKind<String> {
    private static final Pattern ALLOWED = Pattern.compile("[\\p{L}\\p{N}_-]{0,40}");

    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public String parse(String name, String text) {
      return text.strip();
    }

    @Override
    public void check(String name, String value) {
      if (!ALLOWED.matcher(value).matches()) {
        throw refusal(name, value, "at most 40 letters, digits, - and _");
      }
    }
  }

  /** The shadows of one side, as {@link Shadows} reads them; empty where another option says. */
  record Shadow() implements OptionKind<String> {
    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public String parse(String name, String text) {
      String value = Shadows.canonical(text);
      if (value == null) {
        throw refusal(name, text, Shadows.USE);
      }
      return value;
    }

    @Override
    public void check(String name, String value) {
      if (!value.equals(Shadows.canonical(value))) {
        throw refusal(name, value, Shadows.USE);
      }
    }
  }

  /** None, auto, or names of layers with commas between them; a dot is as good as a slash. */
  record Layers() implements OptionKind<String> {
    private static final String USE = "none, auto, or layers such as encoder/down1,decoder/res2";
    private static final Pattern ALLOWED = Pattern.compile("[A-Za-z0-9_/]+(,[A-Za-z0-9_/]+)*");

    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public String parse(String name, String text) {
      String value = text.replace('.', '/').replace(" ", "");
      if (!ALLOWED.matcher(value).matches()) {
        throw refusal(name, text, USE);
      }
      return value;
    }

    @Override
    public void check(String name, String value) {
      if (!ALLOWED.matcher(value).matches()) {
        throw refusal(name, value, USE);
      }
    }
  }

  /** What to change when, as {@link Phases} reads it; empty for nothing. */
  record Recipe() implements OptionKind<String> {
    @Override
    public Class<String> type() {
      return String.class;
    }

    @Override
    public String parse(String name, String text) {
      return Phases.parse(text).toString();
    }

    @Override
    public void check(String name, String value) {
      Phases.parse(value);
    }
  }
}
