package org.likeness.saehd;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Values around the ends of every option's range, made from the table so that none is forgotten.
 */
public final class OptionRanges {
  private static final String WORD = "banana!";

  private OptionRanges() {}

  /** A value that an option refuses, and the whole sentence with which it does. */
  public record Refusal(Option<?> option, String value, String message) {
    static Refusal use(Option<?> option, String value, String use) {
      String shown = value.isEmpty() ? "\"\"" : value;
      return new Refusal(
          option, value, "%s %s is not allowed: use %s".formatted(option.name(), shown, use));
    }

    @Override
    public String toString() {
      return option.name() + " " + value;
    }
  }

  /** Just below, just above and a nonsense word, for every option. */
  public static Stream<Refusal> refusals() {
    return OptionTable.ALL.stream().flatMap(option -> refusals(option).stream());
  }

  private static List<Refusal> refusals(Option<?> option) {
    return switch (option.kind()) {
      case OptionKind.Whole whole -> whole(option, whole);
      case OptionKind.Real real -> real(option, real);
      case OptionKind.Flag flag ->
          Stream.of(WORD, "", "2", "-1")
              .map(value -> Refusal.use(option, value, "true or false"))
              .toList();
      case OptionKind.Choice choice ->
          Stream.of(WORD, "", choice.words().getFirst() + choice.words().getLast())
              .map(
                  value ->
                      Refusal.use(option, value, "one of " + String.join(", ", choice.words())))
              .toList();
      case OptionKind.Archi archi ->
          Stream.of(WORD, "", "df-", "df-udd", "liae-udtcx")
              .map(
                  value ->
                      Refusal.use(
                          option,
                          value,
                          "df or liae, alone or with a dash and any of the letters u, d, t, c,"
                              + " each once (liae-udt)"))
              .toList();
      case OptionKind.Label label ->
          Stream.of(WORD, "x".repeat(41), "a/b", "..")
              .map(value -> Refusal.use(option, value, "at most 40 letters, digits, - and _"))
              .toList();
      case OptionKind.Shadow shadow ->
          Stream.of(WORD, "-0.1 0.6 1 3", "0.2 1.1 1 3", "0.2 0.6 1 10.1", "0.6 0.2 1 3", "1 2 3")
              .map(
                  value ->
                      Refusal.use(
                          option,
                          value,
                          "none, on, or four numbers: the light in a shadow from 0 to 1, from and"
                              + " to, and outside it from 0 to 10, from and to (0.2 0.6 1 3)"))
              .toList();
      case OptionKind.Layers layers ->
          Stream.of(WORD, "", "encoder//,", "a b!")
              .map(
                  value ->
                      Refusal.use(
                          option,
                          value,
                          "none, auto, or layers such as encoder/down1,decoder/res2"))
              .toList();
      case OptionKind.Recipe recipe ->
          List.of(
              new Refusal(option, WORD, "phases: phase 1 has \"banana!\" where name=value belongs"),
              new Refusal(
                  option,
                  "until=0",
                  "phases: phase 1 must end after iteration 0, and only the last may go on for"
                      + " ever"),
              new Refusal(
                  option, "until=x", "phases: phase 1 ends at x: use until and a whole number"),
              new Refusal(
                  option,
                  "until=2147483648",
                  "phases: phase 1 ends at 2147483648: use until and a whole number"));
    };
  }

  private static List<Refusal> whole(Option<?> option, OptionKind.Whole whole) {
    String noun = whole.step() == 2 ? "an even number" : "a whole number";
    List<String> values =
        new ArrayList<>(
            List.of("" + (whole.min() - 1L), "" + (whole.max() + 1L), WORD, "", "1.5", "1e9999"));
    if (whole.step() > 1) {
      values.add("" + (whole.min() + 1L));
      values.add("" + (whole.max() - 1L));
    }
    return values.stream()
        .map(
            value ->
                Refusal.use(
                    option, value, "%s from %d to %d".formatted(noun, whole.min(), whole.max())))
        .toList();
  }

  private static List<Refusal> real(Option<?> option, OptionKind.Real real) {
    String range =
        OptionKind.Real.decimal(real.min()) + " to " + OptionKind.Real.decimal(real.max());
    return Stream.of(
            "" + Math.nextDown(real.min()),
            "" + Math.nextUp(real.max()),
            "-1",
            "1000",
            WORD,
            "",
            "NaN",
            "Infinity",
            "1f",
            "0x1p-3",
            "0,1")
        .map(value -> Refusal.use(option, value, "a number from " + range))
        .toList();
  }

  /** The ends themselves, which every option takes. */
  public static Stream<Refusal> ends() {
    return OptionTable.ALL.stream()
        .flatMap(
            option ->
                (switch (option.kind()) {
                      case OptionKind.Whole whole -> Stream.of("" + whole.min(), "" + whole.max());
                      case OptionKind.Real real -> Stream.of("" + real.min(), "" + real.max());
                      case OptionKind.Flag flag -> Stream.of("on", "off");
                      case OptionKind.Choice choice -> choice.words().stream();
                      case OptionKind.Archi archi -> Stream.of("df", "liae-udtc");
                      case OptionKind.Label label -> Stream.of("", "x".repeat(40));
                      case OptionKind.Shadow shadow -> Stream.of("", "0 1 0 10");
                      case OptionKind.Layers layers -> Stream.of("none", "auto");
                      case OptionKind.Recipe recipe -> Stream.of("", "until=2147483647");
                    })
                    .map(value -> new Refusal(option, value, null)));
  }
}
