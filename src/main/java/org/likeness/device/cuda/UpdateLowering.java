package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Node;
import org.likeness.graph.Update;

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
      case Update.Rule op -> lower(List.of(o), target);
      case Update.DenseUpdate op -> List.of(DenseUpdateLowering.lower(op, o));
    };
  }

  /**
   * Returns the launches of optimiser nodes that follow one another, as few as hold their tensors:
   * nodes that differ in parameter, gradient, slots and stream alone share one.
   */
  static List<Launch> lower(List<Operands> run, Target target) {
    Map<OptimiserLaunch, List<TensorTable.Row>> rows = new LinkedHashMap<>();
    for (Operands o : run) {
      Update.Rule rule = (Update.Rule) o.node().op();
      int tensors = 2 + rule.slots(); // parameter, gradient and slots
      for (int i = 0; i < tensors; i++) {
        OptimiserLaunch.expectF32(o, o.type(i));
      }
      long elements = o.shape(0).elements();
      rows.computeIfAbsent(OptimiserLaunch.of(rule, o, tensors), r -> new ArrayList<>())
          .add(
              new TensorTable.Row(
                  o.inputs().subList(0, tensors), elements, rule.modifiers().stream()));
    }
    List<Launch> launches = new ArrayList<>();
    rows.forEach(
        (launch, tensors) ->
            TensorTable.of(tensors)
                .forEach(
                    table ->
                        launches.add(
                            launch.launch("update", "_f32", table.grid(), table.struct()))));
    return launches;
  }

  private static List<Launch> cosineRate(Update.CosineRate op, Operands o) {
    OptimiserLaunch.expectF32(o, o.outputType(0));
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
      OptimiserLaunch.expectF32(o, o.type(i));
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
}
