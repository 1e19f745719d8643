package org.likeness.train;

import java.io.PrintStream;
import java.time.Duration;
import java.time.LocalTime;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * The line that tells how training goes. On a terminal it is rewritten in place and the first one
 * after a save stays, with the means since the save before (as spec model.md 6.5); elsewhere a line
 * is printed every ten seconds.
 */
final class Progress {
  private static final long LIVE_NANOS = 100_000_000L;
  private static final long SPARSE_NANOS = 10_000_000_000L;
  private static final double SMOOTHING = 0.05;

  private final PrintStream out;
  private final boolean live;
  private final long target;
  private final Supplier<LocalTime> clock;
  private final Means sinceSave = new Means();
  private double smoothMillis;
  private double smoothWaited;
  private long printedAt;
  private boolean printed;
  private boolean keepNext;
  private int shown;
  private String opposition = "";

  /** Sums since the last save. */
  private static final class Means {
    private long n;
    private double millis;
    private double src;
    private double dst;
    private double waited;

    void add(LossHistory.Entry entry) {
      n++;
      millis += entry.milliseconds();
      src += entry.src();
      dst += entry.dst();
      waited += entry.waited();
    }

    LossHistory.Entry at(long iteration) {
      return new LossHistory.Entry(
          iteration,
          (int) Math.round(millis / n),
          (float) (src / n),
          (float) (dst / n),
          (float) (waited / n));
    }

    void reset() {
      n = 0;
      millis = 0;
      src = 0;
      dst = 0;
      waited = 0;
    }
  }

  /** Prints to {@code out}, in place if {@code live}; target 0 means that there is no end. */
  Progress(PrintStream out, boolean live, long target, Supplier<LocalTime> clock) {
    this.out = out;
    this.live = live;
    this.target = target;
    this.clock = clock;
  }

  /** What the discriminators lost, where there are any. */
  private static String opposition(Learner.Losses losses) {
    return (losses.code() == 0 ? "" : String.format(Locale.ROOT, "  true face %.4f", losses.code()))
        + (losses.patch() == 0 ? "" : String.format(Locale.ROOT, "  GAN %.4f", losses.patch()));
  }

  void iteration(LossHistory.Entry entry, long nanoTime) {
    opposition = opposition(entry.losses());
    sinceSave.add(entry);
    boolean first = smoothMillis == 0;
    double share = first ? 1 : SMOOTHING;
    smoothMillis += share * (entry.milliseconds() - smoothMillis);
    smoothWaited += first ? 0 : SMOOTHING * (entry.waited() - smoothWaited); // nothing was prepared
    if (keepNext) {
      keepNext = false;
      clear();
      LossHistory.Entry means = sinceSave.at(entry.iteration());
      out.println(line(means, share(means.waited(), means.milliseconds())));
      sinceSave.reset();
      printedAt = nanoTime;
      printed = true;
    } else if (!printed || nanoTime - printedAt >= (live ? LIVE_NANOS : SPARSE_NANOS)) {
      show(line(entry, share(smoothWaited, smoothMillis)));
      printedAt = nanoTime;
      printed = true;
    }
  }

  /** A checkpoint was saved: the next line stays and shows the means until there. */
  void saved() {
    keepNext = true;
  }

  /** Prints a sentence on a line of its own. */
  void say(String sentence) {
    clear();
    out.println(sentence);
    out.flush();
  }

  private void show(String line) {
    if (live) {
      int rest = Math.max(0, shown - line.length());
      out.print("\r" + line + " ".repeat(rest));
      shown = line.length();
    } else {
      out.println(line);
    }
    out.flush();
  }

  private void clear() {
    if (shown > 0) {
      out.print("\r" + " ".repeat(shown) + "\r");
      shown = 0;
    }
  }

  private static double share(double waited, double milliseconds) {
    return milliseconds == 0 ? 0 : waited / milliseconds;
  }

  /** {@code waiting} is the share of the time that no sample was ready. */
  private String line(LossHistory.Entry entry, double waiting) {
    String line =
        String.format(
                Locale.ROOT,
                "[%s] #%d  %s  src %.4f  dst %.4f",
                clock
                    .get()
                    .truncatedTo(ChronoUnit.SECONDS)
                    .format(java.time.format.DateTimeFormatter.ISO_LOCAL_TIME),
                entry.iteration(),
                entry.milliseconds() < 10_000
                    ? entry.milliseconds() + " ms"
                    : String.format(Locale.ROOT, "%.1f s", entry.milliseconds() / 1e3),
                entry.src(),
                entry.dst())
            + opposition
            + String.format(Locale.ROOT, "  waited %.1f %%", 100 * waiting);
    long left = target - entry.iteration();
    return target == 0 || left <= 0 ? line : line + "  " + remaining(left);
  }

  private String remaining(long iterations) {
    Duration rest = Duration.ofMillis((long) (iterations * smoothMillis));
    return String.format(
        Locale.ROOT,
        "%d to go, %d:%02d:%02d",
        iterations,
        rest.toHours(),
        rest.toMinutesPart(),
        rest.toSecondsPart());
  }
}
