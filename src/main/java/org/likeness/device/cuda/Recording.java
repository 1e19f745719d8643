package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Node;
import org.likeness.graph.Update;

/**
 * Every command of a step, in order: what is captured, timed or replayed.
 *
 * @param parts of the nodes, in their order
 */
record Recording(List<? extends Command> before, List<Part> parts, List<? extends Command> after) {
  /** Copies the lists. */
  Recording {
    before = List.copyOf(before);
    parts = List.copyOf(parts);
    after = List.copyOf(after);
  }

  /** The commands of node {@code first}, or of a run of updates up to {@code last}. */
  record Part(int first, int last, List<? extends Command> commands) {
    /** Copies the list. */
    Part {
      commands = List.copyOf(commands);
    }
  }

  /** Lowers a plan whose memory is at these addresses; {@code slots} is where feeds arrive. */
  static Recording of(ExecutionPlan plan, Target target, Addresses addresses, long slots) {
    List<Node> nodes = plan.graph().nodes();
    List<Part> parts = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      int last = lastOfRun(nodes, i);
      if (last > i) {
        List<Operands> run = new ArrayList<>();
        for (int j = i; j <= last; j++) {
          run.add(addresses.operands(j, nodes.get(j)));
        }
        parts.add(new Part(i, last, UpdateLowering.lower(run, target)));
        i = last;
      } else {
        Operands operands = addresses.operands(i, nodes.get(i));
        parts.add(new Part(i, i, Lowering.lower(operands, target)));
      }
    }
    Feeds feeds = Feeds.of(plan);
    return new Recording(feeds.take(slots, addresses), parts, List.of(feeds.flip(slots)));
  }

  /** The last node of the run of optimiser updates that starts here: one launch does many. */
  private static int lastOfRun(List<Node> nodes, int first) {
    int last = first;
    while (last + 1 < nodes.size() && joins(nodes.get(first), nodes.get(last + 1))) {
      last++;
    }
    return last;
  }

  private static boolean joins(Node first, Node next) {
    return first.op() instanceof Update.Rule && first.op().getClass() == next.op().getClass();
  }

  /** Returns all commands in order. */
  List<Command> commands() {
    List<Command> all = new ArrayList<>(before);
    parts.forEach(p -> all.addAll(p.commands()));
    all.addAll(after);
    return all;
  }
}
