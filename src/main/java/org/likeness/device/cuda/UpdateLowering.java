package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.DType;
import org.likeness.graph.Node;
import org.likeness.graph.Op;
import org.likeness.graph.Update;
import org.likeness.graph.Update.Modifiers;

/** Launches for {@link Update} nodes, all in f32; an optimiser's nodes share launches. */
final class UpdateLowering {
  private static final int THREADS = 256;

  private UpdateLowering() {}

  /** Returns the temporary bytes that the node's launches need. */
  static long workspaceBytes(Node node, Target target) {
    boolean clips = node.op() instanceof Update.ClipFactor;
    if (!clips && !(node.op() instanceof Update.Unscale)) {
      return 0;
    }
    return node.inputs().stream()
        .skip(clips ? 0 : 1)
        .mapToLong(g -> TensorTable.blocks(g.shape().elements()) * Double.BYTES)
        .sum();
  }

  /** Returns the launches that compute the node, in order. */
  static List<Launch> lower(Update update, Operands o, Target target) {
    return switch (update) {
      case Update.Increment op -> List.of(single("increment_i64", 1, new Pointer(o.in(0))));
      case Update.CosineRate op -> cosineRate(op, o);
      case Update.ClipFactor op -> factor(o, 0, "clip_factor_f32", new F32((float) op.limit()));
      case Update.LossScale op ->
          List.of(single("loss_scale_f32", 1, new Pointer(o.in(0)), new Pointer(o.out(0))));
      case Update.Unscale op ->
          factor(o, 1, "unscale_f32", new F32((float) op.limit()), new Pointer(o.in(0)));
      case Update.AdjustScale op ->
          List.of(
              single(
                  "adjust_scale_i64",
                  1,
                  new Pointer(o.in(0)),
                  new Pointer(o.in(1)),
                  new Pointer(o.in(2)),
                  new I32(op.patience())));
      case Update.RmsProp op -> lower(List.of(o), target);
      case Update.AdaBelief op -> lower(List.of(o), target);
    };
  }

  /**
   * Returns the launches of optimiser nodes that follow one another, as few as hold their tensors:
   * nodes that differ in parameter, gradient, slots and stream alone share one.
   */
  static List<Launch> lower(List<Operands> run, Target target) {
    Map<Rule, List<TensorTable.Row>> rows = new LinkedHashMap<>();
    for (Operands o : run) {
      Rule rule = Rule.of(o);
      List<Long> tensors = o.inputs().subList(0, rule.tensors());
      long elements = o.shape(0).elements();
      rows.computeIfAbsent(rule, r -> new ArrayList<>())
          .add(new TensorTable.Row(tensors, elements, modifiers(o).stream()));
    }
    List<Launch> launches = new ArrayList<>();
    rows.forEach(
        (rule, tensors) ->
            TensorTable.of(tensors).forEach(table -> launches.add(rule.launch(table))));
    return launches;
  }

  /**
   * What nodes must have in common to share a launch; addresses are 0 where there is no operand.
   */
  private record Rule(Update op, long rate, long clip, long counter) {
    static Rule of(Operands o) {
      Modifiers own = modifiers(o);
      Modifiers common = new Modifiers(own.clipped(), own.keep(), own.seed(), 0);
      Update shared =
          switch (o.node().op()) {
            case Update.AdaBelief a ->
                new Update.AdaBelief(a.beta1(), a.beta2(), a.epsilon(), common);
            case Update.RmsProp r -> new Update.RmsProp(r.rho(), r.epsilon(), common);
            default -> throw noOptimiser(o.node().op());
          };
      int at = shared.mutates().size() + 1;
      for (int i = 0; i < at; i++) {
        expectF32(o, o.type(i));
      }
      long rate = o.in(at);
      long clip = own.clipped() ? o.in(at + 1) : 0;
      long counter = own.keep() < 1 ? o.inputs().getLast() : 0;
      return new Rule(shared, rate, clip, counter);
    }

    /** Parameter, gradient and slots. */
    int tensors() {
      return op.mutates().size() + 1;
    }

    Launch launch(TensorTable table) {
      return switch (op) {
        case Update.AdaBelief a ->
            launch(
                "ada_belief_f32",
                table,
                a.modifiers(),
                a.beta1(),
                1 - a.beta1(),
                a.beta2(),
                1 - a.beta2(),
                a.epsilon());
        case Update.RmsProp r ->
            launch("rms_prop_f32", table, r.modifiers(), r.rho(), 1 - r.rho(), r.epsilon());
        default -> throw noOptimiser(op);
      };
    }

    private Launch launch(String name, TensorTable table, Modifiers m, double... scalars) {
      List<Argument> arguments = new ArrayList<>(List.of(table.struct(), shared(m)));
      for (double scalar : scalars) {
        arguments.add(new F32((float) scalar));
      }
      return new Launch(new Entry("update", name), table.grid(), 0, arguments);
    }

    /** {@code struct Shared} of src/main/cuda/update.cu. */
    private Struct shared(Modifiers m) {
      long threshold = (long) Math.ceil(m.keep() * 0x1p24); // u / 2^24 < keep for integers u
      return new Struct(
          MemorySegment.ofArray(new long[] {rate, clip, counter, m.seed(), threshold}));
    }
  }

  private static Modifiers modifiers(Operands o) {
    return switch (o.node().op()) {
      case Update.AdaBelief a -> a.modifiers();
      case Update.RmsProp r -> r.modifiers();
      default -> throw noOptimiser(o.node().op());
    };
  }

  private static IllegalArgumentException noOptimiser(Op op) {
    return op.refusal("is no optimiser's update and shares no launch");
  }

  private static List<Launch> cosineRate(Update.CosineRate op, Operands o) {
    expectF32(o, o.outputType(0));
    return List.of(
        single(
            "cosine_rate_f32",
            1,
            new Pointer(o.in(0)),
            new Pointer(o.out(0)),
            new Pointer(Double.doubleToRawLongBits(op.period())),
            new F32((float) op.rate())));
  }

  /** Sums the squares of all inputs from the first gradient on, and makes a factor of the sum. */
  private static List<Launch> factor(Operands o, int first, String name, Argument... last) {
    List<TensorTable.Row> rows = new ArrayList<>();
    for (int i = first; i < o.inputs().size(); i++) {
      expectF32(o, o.type(i));
      rows.add(new TensorTable.Row(List.of(0L, o.in(i)), o.shape(i).elements(), 0));
    }
    List<Launch> launches = new ArrayList<>();
    long parts = 0;
    for (TensorTable table : TensorTable.of(rows)) {
      long partial = o.workspace() + parts * Double.BYTES;
      List<Argument> arguments = List.of(table.struct(), new Pointer(partial));
      launches.add(new Launch(new Entry("update", "clip_sums_f32"), table.grid(), 0, arguments));
      parts += table.blocks();
    }
    List<Argument> arguments = new ArrayList<>();
    arguments.add(new Pointer(o.workspace()));
    arguments.add(new Pointer(o.out(0)));
    arguments.add(new I32(Math.toIntExact(parts)));
    arguments.addAll(List.of(last));
    launches.add(single(name, THREADS, arguments.toArray(Argument[]::new)));
    return launches;
  }

  private static Launch single(String name, int threads, Argument... arguments) {
    return new Launch(new Entry("update", name), new Grid(1, 1, 1, threads), 0, List.of(arguments));
  }

  private static void expectF32(Operands o, DType type) {
    if (type != DType.F32) {
      throw o.node().op().refusal("CUDA devices update in f32, not in " + FloatType.text(type));
    }
  }
}
