package org.likeness.graph;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * The cheapest schedule of a chain of blocks under every budget: the dynamic program of Beaumont et
 * al. 2019 (rotor), which is optimal among schedules that keep what they have kept until its
 * backward step. A block is kept whole, or as its output alone, or not at all; then it runs again,
 * as often as that pays, from the last output before it that was kept.
 *
 * <p>Where forward and backward run of the last block enclose other chains, one after another as
 * the branches of a decoder, each has the memory that the blocks before leave.
 */
final class CheckpointChain {
  private static final double NEVER = Double.POSITIVE_INFINITY;
  private static final int WHOLE = -1;

  /**
   * One block; bytes, and the peaks beyond what the blocks before it keep.
   *
   * @param inner kept values besides the output
   * @param output the one value that the next block reads; 0 where it stays in any case
   * @param forward peak of the first run
   * @param again what a further run takes beside what waits for the backward step
   * @param backward peak of the backward step
   * @param waiting what there is, a gradient for example, when the backward step first reads the
   *     output
   * @param innerWaiting what there is when it first reads an inner value
   * @param innerSeconds to make the inner values again
   * @param seconds to make these and the output again
   */
  record Block(
      long inner,
      long output,
      long forward,
      long again,
      long backward,
      long waiting,
      long innerWaiting,
      double innerSeconds,
      double seconds) {
    long kept() {
      return inner + output;
    }
  }

  /** Blocks to go back through, and the units of memory for that. */
  private record Segment(int first, int last, int units) {}

  /** Takes decisions, each block's in the order of its runs. */
  interface Decisions {
    /**
     * What is kept of the next run of a block of a chain; its output is made unless it is there.
     */
    void run(CheckpointChain chain, int block, boolean inner, boolean output, boolean outputMade);
  }

  private final List<Block> blocks;
  private final List<CheckpointChain> children;
  private final long interior;
  private final long unit;
  private final int slots;
  private final double[][] open; // (blocks + 1, slots + 1): seconds from a block's first run on
  private final int[][] openChoice;
  private final double[][][] closed; // (n, n, slots + 1): seconds to go back through first to last
  private final int[][][] closedChoice;
  private final double[][][] again; // (n, n, slots + 1): the same, where the last output is gone
  private final int[][][] againChoice;

  /**
   * Solves a chain.
   *
   * @param children solved with the same unit
   * @param interior peak between the last block's forward and backward step, outside the children
   */
  CheckpointChain(
      List<Block> blocks, List<CheckpointChain> children, long interior, long unit, int slots) {
    this.blocks = blocks;
    this.children = children;
    this.interior = interior;
    this.unit = unit;
    this.slots = slots;
    int n = blocks.size();
    closed = new double[n][n][slots + 1];
    closedChoice = new int[n][n][slots + 1];
    again = new double[n][n][slots + 1];
    againChoice = new int[n][n][slots + 1];
    for (int length = 1; length <= n; length++) {
      for (int first = 0; first + length <= n; first++) {
        close(first, first + length - 1);
        repeat(first, first + length - 1);
      }
    }
    open = new double[n + 1][slots + 1];
    openChoice = new int[n + 1][slots + 1];
    for (int m = 0; m <= slots; m++) {
      open[n][m] = m < units(interior) ? NEVER : 0;
      for (CheckpointChain child : children) {
        open[n][m] += child.seconds(m);
      }
    }
    for (int first = n - 1; first >= 0; first--) {
      open(first);
    }
  }

  private int units(long bytes) {
    return (int) Math.min(slots + 1L, Math.ceilDiv(bytes, unit));
  }

  /** Returns the seconds of recomputation with so many units of memory; infinite where too few. */
  double seconds(int units) {
    return open[0][Math.min(units, slots)];
  }

  int slots() {
    return slots;
  }

  private void open(int first) {
    Block block = blocks.get(first);
    double[] best = open[first];
    int[] choice = openChoice[first];
    Arrays.fill(best, NEVER);
    int whole = Math.max(units(block.forward()), units(block.backward()));
    int kept = units(block.kept());
    for (int m = Math.max(whole, kept); m <= slots; m++) {
      best[m] = open[first + 1][m - kept];
      choice[m] = WHOLE;
    }
    int needed = 0;
    for (int next = first + 1; next <= blocks.size(); next++) {
      Block last = blocks.get(next - 1);
      int input = next - 1 == first ? 0 : units(blocks.get(next - 2).output());
      needed = Math.max(needed, input + units(last.forward()));
      int output = units(last.output());
      for (int m = Math.max(needed, output); m <= slots; m++) {
        double seconds = open[next][m - output] + closed[first][next - 1][m];
        if (seconds < best[m]) {
          best[m] = seconds;
          choice[m] = next;
        }
      }
    }
  }

  /** Goes back through blocks whose first input and last output are there, and nothing between. */
  private void close(int first, int last) {
    double[] best = closed[first][last];
    Arrays.fill(best, NEVER);
    Block block = blocks.get(last);
    int backward = units(block.backward());
    if (block.inner() == 0) { // what the block before made is read when this output is not any more
      for (int m = backward; m <= slots; m++) {
        best[m] = first == last ? 0 : again[first][last - 1][m];
      }
      return;
    }
    int own = Math.max(backward, units(block.innerWaiting() + block.again()));
    for (int m = own; first == last && m <= slots; m++) {
      best[m] = block.innerSeconds();
    }
    if (first < last) {
      runAgain(first, last, block.innerWaiting(), best, closedChoice[first][last]);
    }
  }

  /** Runs blocks again and goes back through them; the first input is there, nothing else is. */
  private void repeat(int first, int last) {
    double[] best = again[first][last];
    Arrays.fill(best, NEVER);
    runAgain(first, last, blocks.get(last).waiting(), best, againChoice[first][last]);
  }

  /** Fills in one entry of {@link #closed} or {@link #again} from shorter ones. */
  private void runAgain(int first, int last, long waiting, double[] best, int[] choice) {
    boolean toOutput = best == again[first][last];
    double[][][] rest = toOutput ? again : closed;
    Block block = blocks.get(first);
    int kept = units(block.kept());
    int whole = Math.max(units(block.backward()), units(waiting + block.again()));
    for (int m = Math.max(whole, kept); m <= slots; m++) {
      double after = first == last ? 0 : rest[first + 1][last][m - kept];
      best[m] = block.seconds() + after;
      choice[m] = WHOLE;
    }
    int needed = 0;
    double runs = 0;
    for (int next = first + 1; next <= (toOutput ? last + 1 : last); next++) {
      Block before = blocks.get(next - 1);
      int input = next - 1 == first ? 0 : units(blocks.get(next - 2).output());
      needed = Math.max(needed, input + units(waiting + before.again()));
      runs += before.seconds();
      int output = units(before.output());
      for (int m = Math.max(needed, output); m <= slots; m++) {
        double after = next > last ? 0 : rest[next][last][m - output];
        double seconds = runs + after + closed[first][next - 1][m];
        if (seconds < best[m]) {
          best[m] = seconds;
          choice[m] = next;
        }
      }
    }
  }

  /** Tells what the cheapest schedule with so many units of memory keeps. */
  void decide(int units, Decisions decisions) {
    Deque<Segment> later = new ArrayDeque<>();
    int m = Math.min(units, slots);
    int first = 0;
    while (first < blocks.size()) {
      int next = openChoice[first][m];
      if (next == WHOLE) {
        decisions.run(this, first, true, true, true);
        m -= units(blocks.get(first).kept());
        first++;
      } else {
        for (int k = first; k < next; k++) {
          decisions.run(this, k, false, k == next - 1, true);
        }
        later.addLast(new Segment(first, next - 1, m));
        m -= units(blocks.get(next - 1).output());
        first = next;
      }
    }
    int left = m;
    children.forEach(child -> child.decide(left, decisions));
    while (!later.isEmpty()) {
      Segment segment = later.removeLast();
      goBack(segment.first(), segment.last(), segment.units(), decisions);
    }
  }

  private void goBack(int first, int last, int m, Decisions decisions) {
    if (blocks.get(last).inner() == 0) {
      if (first < last) {
        goBack(first, last - 1, m, decisions, true);
      }
    } else if (first == last) {
      decisions.run(this, first, true, true, false);
    } else {
      goBack(first, last, m, decisions, false);
    }
  }

  private void goBack(int first, int last, int m, Decisions decisions, boolean toOutput) {
    int next = (toOutput ? againChoice : closedChoice)[first][last][m];
    if (next == WHOLE) {
      decisions.run(this, first, true, true, true);
      goOn(first + 1, last, m - units(blocks.get(first).kept()), decisions, toOutput);
    } else {
      for (int k = first; k < next; k++) {
        decisions.run(this, k, false, k == next - 1, true);
      }
      goOn(next, last, m - units(blocks.get(next - 1).output()), decisions, toOutput);
      goBack(first, next - 1, m, decisions);
    }
  }

  private void goOn(int first, int last, int m, Decisions decisions, boolean toOutput) {
    if (first <= last && toOutput) {
      goBack(first, last, m, decisions, true);
    } else if (first <= last) {
      goBack(first, last, m, decisions);
    }
  }
}
