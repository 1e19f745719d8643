package org.likeness.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Update;

/**
 * An optimiser of DeepFaceLab as updates in the graph (spec model.md 5): no bias correction,
 * epsilon outside the root, gradients summed over the batch.
 *
 * @param name file stem of its slots, such as {@code src_dst_opt}
 * @param cosinePeriod period of the learning rate's cosine in steps, or 0 for a constant rate
 * @param clipNorm limit of the gradients' common norm, or 0 for none
 * @param keep share of the elements that each step moves (lr_dropout), or 1
 * @param inHostMemory whether its slots lie outside a card's own memory
 */
public record Optimizer(
    String name,
    Rule rule,
    double rate,
    double cosinePeriod,
    double clipNorm,
    double keep,
    boolean inHostMemory) {
  /** The element-wise rule. */
  public enum Rule {
    RMSPROP("acc"),
    ADABELIEF("ms", "vs");

    private final List<String> slots;

    Rule(String... slots) {
      this.slots = List.of(slots);
    }
  }

  private static final double EPSILON = 1e-6;

  /** What slots call a network whose file has another name (spec model.md 7.3). */
  private static final Map<String, String> SCOPES =
      Map.of("code_discriminator", "dis", "GAN", "D_src");

  /** Returns an optimiser with a constant rate, no clipping and no dropout. */
  public static Optimizer constant(String name, Rule rule, double rate) {
    return new Optimizer(name, rule, rate, 0, 0, 1);
  }

  /** An optimiser whose slots lie with the weights. */
  public Optimizer(
      String name, Rule rule, double rate, double cosinePeriod, double clipNorm, double keep) {
    this(name, rule, rate, cosinePeriod, clipNorm, keep, false);
  }

  /** Returns the same optimiser with its slots in host memory, or not. */
  public Optimizer inHostMemory(boolean host) {
    return new Optimizer(name, rule, rate, cosinePeriod, clipNorm, keep, host);
  }

  /** Returns the same optimiser under another name, for other parameters. */
  public Optimizer named(String other) {
    return new Optimizer(other, rule, rate, cosinePeriod, clipNorm, keep, inHostMemory);
  }

  /** Returns the name of the step counter, a slot of type I64 and shape (1). */
  public String counterName() {
    return name + "/iters:0";
  }

  /** Returns the names of a parameter's slots, as DeepFaceLab files call them (spec 7.3). */
  public List<String> slotNames(String parameter) {
    int slash = Math.max(0, parameter.indexOf('/'));
    String stem = parameter.substring(0, slash);
    String variable = SCOPES.getOrDefault(stem, stem) + parameter.substring(slash);
    return rule.slots.stream()
        .map(slot -> name + "/" + slot + "_" + variable.replace(':', '_') + ":0")
        .toList();
  }

  /** Appends updates whose gradients are of the losses as they are. */
  public Graph update(
      Graph graph, List<Tensor> parameters, Map<Tensor, Tensor> gradients, long seed) {
    return update(graph, parameters, gradients, seed, null);
  }

  /**
   * Appends one update for each parameter that has a gradient. Slots are declared for every trained
   * parameter, so that a file does not depend on what one session freezes.
   *
   * @param parameters everything this optimiser may ever train
   * @param gradients of those that it trains now, times the loss scale where there is one
   * @param seed of lr_dropout's draws
   * @param scaling of the losses, or null
   */
  public Graph update(
      Graph graph,
      List<Tensor> parameters,
      Map<Tensor, Tensor> gradients,
      long seed,
      LossScaling scaling) {
    GraphBuilder builder = new GraphBuilder(graph);
    Tensor counter = builder.leaf(Role.SLOT, counterName(), Shape.of(1), DType.I64);
    Map<Tensor, List<Tensor>> slots = new LinkedHashMap<>();
    for (Tensor p : parameters) {
      List<Tensor> own = new ArrayList<>();
      for (String slot : slotNames(p.name())) {
        own.add(
            builder.leaf(inHostMemory ? Role.HOST_SLOT : Role.SLOT, slot, p.shape(), p.dtype()));
      }
      slots.put(p, own);
    }
    builder.addAll(name + "/count", new Update.Increment(), List.of(counter));
    DType dtype = parameters.getFirst().dtype();
    Tensor rateNow =
        cosinePeriod > 0
            ? builder.add(name + "/rate", new Update.CosineRate(rate, cosinePeriod, dtype), counter)
            : builder.add(name + "/rate", new Pointwise.Constant(Shape.of(1), dtype, rate));
    List<Tensor> shared = new ArrayList<>(List.of(rateNow));
    if (scaling != null) {
      shared.add(scaling.unscale(builder, gradients.values(), clipNorm));
    } else if (clipNorm > 0) {
      Tensor[] all = gradients.values().toArray(Tensor[]::new);
      shared.add(builder.add(name + "/clip", new Update.ClipFactor(clipNorm), all));
    }
    if (keep < 1) {
      shared.add(counter);
    }
    int stream = 0;
    for (Tensor p : parameters) {
      Tensor gradient = gradients.get(p);
      if (gradient != null) {
        List<Tensor> inputs = new ArrayList<>(List.of(p, gradient));
        inputs.addAll(slots.get(p));
        inputs.addAll(shared);
        builder.addAll(name, op(seed, stream, scaling != null || clipNorm > 0), inputs);
      }
      stream++;
    }
    return builder.build();
  }

  private Update op(long seed, int stream, boolean clipped) {
    Update.Modifiers modifiers = new Update.Modifiers(clipped, keep, seed, stream);
    return switch (rule) {
      case RMSPROP -> new Update.RmsProp(0.9, EPSILON, modifiers);
      case ADABELIEF -> new Update.AdaBelief(0.9, 0.999, EPSILON, modifiers);
    };
  }
}
