package org.likeness.device.cuda;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaEvent;
import org.likeness.cuda.CudaException;
import org.likeness.cuda.CudaStream;
import org.likeness.cuda.DeviceMemory;
import org.likeness.graph.Graph;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Tensor;

/**
 * Measures which tactic computes each convolution and product fastest, on memory of its own that it
 * gives back. A shape for which that memory is lacking keeps its estimate.
 */
final class Tuner {
  /** Tactics of each kind that are worth a measurement. */
  private static final int EACH = 8;

  private static final System.Logger LOG = System.getLogger(Tuner.class.getName());
  private static final int WARM_UPS = 2;
  private static final int RUNS = 5;

  /** As an f32 0.0115: zeros would cost a real card less power than data do. */
  private static final int FILLING = 0x3c3c3c3c;

  private final CudaContext context;
  private final CommandBinder binder;
  private final Target target;
  private final CudaStream stream;

  Tuner(CudaContext context, CommandBinder binder, Target target, CudaStream stream) {
    this.context = context;
    this.binder = binder;
    this.target = target;
    this.stream = stream;
  }

  /** Returns the nodes whose shapes nothing is known of, one for each shape, by the shape's key. */
  static Map<String, Node> unknown(Graph graph, Target target) {
    Map<String, Node> unknown = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Linear) {
        String key = Tactics.key(node, target);
        if (!unknown.containsKey(key) && !Tactics.known(node, target)) {
          unknown.put(key, node);
        }
      }
    }
    return unknown;
  }

  /** Returns what is known, with a winner for each of these shapes that could be measured. */
  Tuning measure(Map<String, Node> shapes, Tuning known) {
    Map<String, String> winners = new HashMap<>(known.winners());
    shapes.forEach((key, node) -> fastest(node).ifPresent(c -> winners.put(key, c.name())));
    return new Tuning(winners);
  }

  private Optional<Tactic> fastest(Node node) {
    List<Tactic> tactics = worthwhile(Tactics.of(node, target));
    long workspace = tactics.stream().mapToLong(Tactic::workspaceBytes).max().orElse(0);
    List<Tensor> operands = new ArrayList<>(node.inputs());
    operands.addAll(node.outputs());
    long bytes = aligned(workspace);
    for (Tensor t : operands) {
      bytes += aligned(t.bytes());
    }
    try (DeviceMemory memory = context.allocate(bytes)) {
      stream.fill(memory.address(), FILLING, bytes / Integer.BYTES);
      Operands o = operands(node, memory.address(), workspace);
      Tactic best = null;
      float least = Float.MAX_VALUE;
      for (Tactic tactic : tactics) {
        float milliseconds = time(tactic, o);
        if (milliseconds < least) {
          least = milliseconds;
          best = tactic;
        }
      }
      return Optional.ofNullable(best);
    } catch (CudaException e) {
      if (e.outOfMemory()) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** The first of each kind: the others are expected to be far behind. */
  private static List<Tactic> worthwhile(List<Tactic> tactics) {
    Map<String, Integer> taken = new HashMap<>();
    return tactics.stream()
        .filter(
            tactic -> {
              String kind =
                  switch (tactic) {
                    case ConvolutionChoice.Candidate ours -> "ours";
                    case EngineTactic engine -> engine.fused() ? "fused" : "unfused";
                  };
              return taken.merge(kind, 1, Integer::sum) <= EACH;
            })
        .toList();
  }

  private static Operands operands(Node node, long start, long workspace) {
    List<Long> addresses = new ArrayList<>();
    long next = start + aligned(workspace);
    for (Tensor t : node.inputs()) {
      addresses.add(next);
      next += aligned(t.bytes());
    }
    int inputs = addresses.size();
    for (Tensor t : node.outputs()) {
      addresses.add(next);
      next += aligned(t.bytes());
    }
    return new Operands(
        node, addresses.subList(0, inputs), addresses.subList(inputs, addresses.size()), start);
  }

  private static long aligned(long bytes) {
    return (bytes + CudaDevice.ALIGNMENT - 1) & -CudaDevice.ALIGNMENT;
  }

  /** The median time of a run in milliseconds; endless where a library's engine fails. */
  private float time(Tactic tactic, Operands o) {
    try {
      return time(LinearLowering.lower((Linear) o.node().op(), o, tactic));
    } catch (CudaException e) {
      if (tactic instanceof EngineTactic && !e.sticky()) {
        LOG.log(
            System.Logger.Level.DEBUG, "{0} is passed over: {1}", tactic.name(), e.getMessage());
        return Float.POSITIVE_INFINITY;
      }
      throw e;
    }
  }

  private float time(List<? extends Command> commands) {
    binder.load(commands);
    try (Arena arena = Arena.ofShared();
        Owned owned = new Owned();
        CudaEvent start = context.timer();
        CudaEvent end = context.timer()) {
      List<BoundCommand> bound = binder.bind(commands, arena, owned);
      float[] times = new float[RUNS];
      for (int run = -WARM_UPS; run < RUNS; run++) {
        start.record(stream);
        bound.forEach(c -> c.enqueue(stream));
        end.record(stream);
        end.await();
        if (run >= 0) {
          times[run] = end.millisecondsSince(start);
        }
      }
      Arrays.sort(times);
      return times[RUNS / 2];
    }
  }
}
