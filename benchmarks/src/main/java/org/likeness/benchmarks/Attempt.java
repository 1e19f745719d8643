package org.likeness.benchmarks;

import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What came of measuring one side.
 *
 * @param seconds null where it could not be measured
 * @param problem why, in one line; null where it could
 */
record Attempt(Double seconds, String problem) {
  private static final Pattern NAMED = Pattern.compile("native library \"([\\w.-]+)\"");

  /** Tries; a library that is missing, too old or fails is a reason, not an end. */
  static Attempt of(Supplier<Double> measured) {
    try {
      return new Attempt(measured.get(), null);
    } catch (LinkageError e) {
      return new Attempt(null, reason(e));
    } catch (RuntimeException e) {
      return new Attempt(null, String.valueOf(e.getMessage()));
    }
  }

  /**
   * JCuda's messages have many lines; the loader's own words are the ones that help. A library of
   * an older version of the family is looked for under the version of jcuda beside it, and not
   * found.
   */
  private static String reason(LinkageError e) {
    String message = String.valueOf(e.getMessage());
    Matcher named = NAMED.matcher(message);
    if (named.find() && !message.contains("cannot open shared object")) {
      return "beside this jcuda it wants a native library %s, which was never published"
          .formatted(named.group(1));
    }
    return message
        .lines()
        .filter(line -> line.contains("cannot open shared object") || line.contains("undefined"))
        .map(line -> line.replaceFirst(".*?(lib[\\w.]+: )", "$1").strip())
        .findFirst()
        .orElseGet(() -> message.lines().findFirst().orElse(e.toString()).strip());
  }

  /** Returns milliseconds, or null. */
  Double milliseconds() {
    return seconds == null ? null : seconds * 1e3;
  }

  /** Returns this side's time as a share of another's, or null. */
  Double over(Attempt other) {
    return seconds == null || other.seconds == null ? null : seconds / other.seconds;
  }
}
