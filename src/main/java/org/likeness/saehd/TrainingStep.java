package org.likeness.saehd;

import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Precision;
import org.likeness.graph.Prune;
import org.likeness.graph.Tensor;
import org.likeness.nn.Initializer;

/**
 * One iteration as a graph: forward, loss, gradients, update (spec model.md 6.1).
 *
 * <p>Feeds: {@code warped_src, target_src} (n,R,R,3), {@code target_srcm} (n,R,R,1), and where the
 * losses weigh eyes or mouth {@code target_srcm_em} (n,R,R,1); the same of dst; in the step's
 * element type, or packed as u8, where MVE's eyes and mouth are {@code target_srcm_eyes} and {@code
 * target_srcm_mouth}. Where a GAN's labels are noisy, those of {@link PatchLabels}. Fetches: {@code
 * src_loss, dst_loss} (n), before the update, and the discriminators' losses.
 *
 * @param graph everything that can be computed, not pruned, in no particular order and, unless it
 *     is a proof in F64, in F32
 * @param parameters with their initialisers, in the order of their declaration
 * @param gradients of each trained parameter, summed over the batch, times {@link
 *     StepSettings#lossScale}
 */
public record TrainingStep(
    Architecture architecture,
    StepSettings settings,
    Graph graph,
    Map<Tensor, Initializer> parameters,
    Map<Tensor, Tensor> gradients) {
  /** The fetch of the code discriminator's loss (n), where there is one; ln 2 when it guesses. */
  public static final String CODE_LOSS = "code_discriminator_loss";

  /** The fetch of the patch discriminator's loss (n), where there is one. */
  public static final String PATCH_LOSS = "gan_loss";

  /** What a step consists of; retraining comes between the two (spec model.md 6.1). */
  public enum Part {
    /** The update of encoder, inters and decoders. */
    GENERATOR,
    /** The updates of the discriminators after it. */
    DISCRIMINATORS
  }

  /** Describes the whole step. */
  public static TrainingStep describe(Architecture architecture, StepSettings settings) {
    return describe(architecture, settings, EnumSet.allOf(Part.class));
  }

  /** Describes some parts of the step. */
  public static TrainingStep describe(
      Architecture architecture, StepSettings settings, Set<Part> parts) {
    return new StepBuilder(architecture, settings).build(parts);
  }

  /** Tells whether the step has the weights of that file, {@code GAN} for example. */
  public boolean trains(String stem) {
    return parameters.keySet().stream().anyMatch(p -> p.name().startsWith(stem + "/"));
  }

  /** Returns the step ready to plan, fetching only the two losses: no src-to-dst face is made. */
  public Graph scheduled() {
    return scheduled(List.of("src_loss", "dst_loss"), false);
  }

  /**
   * Returns the step ready to plan with other fetches.
   *
   * @param names of forward values
   * @param withGradients whether each gradient is fetched too, as {@code grad/} and its parameter
   */
  public Graph scheduled(List<String> names, boolean withGradients) {
    return Levers.DEFAULT.apply(fetching(names, withGradients));
  }

  /**
   * Returns the step as it is described, with other fetches and in the settings' precision; see
   * {@link #scheduled}.
   */
  public Graph fetching(List<String> names, boolean withGradients) {
    Map<String, Tensor> fetches = new LinkedHashMap<>();
    names.forEach(name -> fetches.put(name, graph.fetches().get(name)));
    if (withGradients) {
      gradients.forEach((p, g) -> fetches.put("grad/" + p.name(), g));
    }
    Graph fetching = graph.fetching(fetches);
    DType type = settings.dtype();
    return settings.isMixed() ? Precision.apply(Prune.apply(fetching), type) : fetching;
  }
}
