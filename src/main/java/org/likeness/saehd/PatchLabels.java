package org.likeness.saehd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import org.likeness.graph.Philox;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Tensor;
import org.likeness.nn.Model;

/**
 * The labels that a patch discriminator learns from (spec model.md 4.9): constants, or where noise
 * flips some of them, feeds that the host draws anew for each step.
 */
public final class PatchLabels {
  private static final String PREFIX = "gan_labels/";

  private final Model model;
  private final Adversaries.Patch patch;

  PatchLabels(Model model, Adversaries.Patch patch) {
    this.model = model;
    this.patch = patch;
  }

  /** Returns labels for logits; the name says whose, {@code real_full} for example. */
  Tensor of(String name, Tensor logits) {
    if (patch.noise() > 0) {
      return model.feed(PREFIX + name, logits.shape());
    }
    double label = name.startsWith("real") ? 1 - patch.smoothing() : 0;
    Pointwise.Constant constant = new Pointwise.Constant(logits.shape(), logits.dtype(), label);
    return model.add("adversary/" + name, constant);
  }

  /** Returns those of a step's feeds that are labels. */
  public static List<Tensor> feeds(List<Tensor> feeds) {
    return feeds.stream().filter(feed -> feed.name().startsWith(PREFIX)).toList();
  }

  /**
   * Draws a feed's labels, f32, for one step: a function of seed, name and iteration alone. A real
   * one is 1 - smoothing, or with the noise's probability 0; a made one the other way round.
   */
  public static void draw(
      Tensor feed, Adversaries.Patch patch, long seed, long iteration, MemorySegment into) {
    boolean real = feed.name().startsWith(PREFIX + "real");
    double share = real ? 1 - patch.noise() : patch.noise();
    float one = (float) (1 - patch.smoothing());
    long stream = (iteration << 20) + (feed.name().hashCode() & 0xfffff);
    for (long i = 0; i < feed.shape().elements(); i++) {
      boolean on = Philox.uniform(seed, stream, i) < share;
      into.setAtIndex(ValueLayout.JAVA_FLOAT, i, on ? one : 0);
    }
  }
}
