package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.DType;
import org.likeness.graph.Update;
import org.likeness.graph.Update.Modifiers;

/**
 * What updates must have in common to share a launch; addresses are 0 where there is no operand.
 *
 * @param op without the stream, by which tensors differ
 */
record OptimiserLaunch(Update.Rule op, long rate, long clip, long counter) {
  /**
   * Reads a node's scalars.
   *
   * @param scalars position of the rate among the operands
   */
  static OptimiserLaunch of(Update.Rule rule, Operands o, int scalars) {
    Modifiers own = rule.modifiers();
    Modifiers common = new Modifiers(own.clipped(), own.keep(), own.seed(), 0);
    Update.Rule shared =
        switch (rule) {
          case Update.AdaBelief a ->
              new Update.AdaBelief(a.beta1(), a.beta2(), a.epsilon(), common);
          case Update.RmsProp r -> new Update.RmsProp(r.rho(), r.epsilon(), common);
        };
    long clip = own.clipped() ? o.in(scalars + 1) : 0;
    long counter = own.keep() < 1 ? o.inputs().getLast() : 0;
    return new OptimiserLaunch(shared, o.in(scalars), clip, counter);
  }

  /**
   * Returns a launch of an entry that is named by the rule.
   *
   * @param suffix of the name
   * @param tensors the first argument, what the launch changes
   * @param last what follows the rule's own scalars
   */
  Launch launch(String family, String suffix, Grid grid, Struct tensors, Argument... last) {
    List<Argument> arguments = new ArrayList<>(List.of(tensors, shared()));
    for (double scalar : scalars()) {
      arguments.add(new F32((float) scalar));
    }
    arguments.addAll(List.of(last));
    return new Launch(new Entry(family, name() + suffix), grid, 0, arguments);
  }

  private String name() {
    return switch (op) {
      case Update.AdaBelief a -> "ada_belief";
      case Update.RmsProp r -> "rms_prop";
    };
  }

  /** {@code struct AdaBelief} or {@code RmsProp} of src/main/cuda/optimiser.cuh. */
  private double[] scalars() {
    return switch (op) {
      case Update.AdaBelief a ->
          new double[] {a.beta1(), 1 - a.beta1(), a.beta2(), 1 - a.beta2(), a.epsilon()};
      case Update.RmsProp r -> new double[] {r.rho(), 1 - r.rho(), r.epsilon()};
    };
  }

  /** {@code struct Shared} of src/main/cuda/optimiser.cuh. */
  private Struct shared() {
    Modifiers m = op.modifiers();
    long threshold = (long) Math.ceil(m.keep() * 0x1p24); // u / 2^24 < keep for integers u
    return new Struct(MemorySegment.ofArray(new long[] {rate, clip, counter, m.seed(), threshold}));
  }

  /** Refuses what is not f32. */
  static void expectF32(Operands o, DType type) {
    if (type != DType.F32) {
      throw o.node().op().refusal("CUDA devices update in f32, not in " + FloatType.text(type));
    }
  }
}
