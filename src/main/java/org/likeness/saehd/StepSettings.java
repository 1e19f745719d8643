package org.likeness.saehd;

import org.likeness.graph.DType;
import org.likeness.graph.Update;
import org.likeness.nn.Optimizer;

/**
 * What a training step depends on besides the architecture.
 *
 * @param batch faces of each side
 * @param dtype of the arithmetic: F32, BF16 or F16 for {@link org.likeness.graph.Precision mixed
 *     precision}, F64 only for proofs
 * @param optimizer of encoder, inters and decoders; discriminators have one like it each
 * @param trainInterAb whether liae's inter_AB learns: only under random warp (spec model.md 2.7)
 * @param seed of start weights and random draws
 * @param packed whether images and masks arrive as bytes, 255 for 1, instead of in {@code dtype}
 */
public record StepSettings(
    int batch,
    DType dtype,
    Optimizer optimizer,
    LossSettings losses,
    Adversaries adversaries,
    boolean trainInterAb,
    long seed,
    boolean packed) {
  /** The file stem of the optimiser's slots. */
  public static final String OPTIMIZER = "src_dst_opt";

  /** Period of the learning rate's cosine under lr_dropout, in steps (spec model.md 5). */
  public static final int COSINE_PERIOD = 500;

  /** Share of the weights that a step moves under lr_dropout. */
  public static final double DROPOUT_KEEPS = 0.3;

  /** Settings of a step whose images and masks arrive in the type that it computes in. */
  public StepSettings(
      int batch,
      DType dtype,
      Optimizer optimizer,
      LossSettings losses,
      Adversaries adversaries,
      boolean trainInterAb,
      long seed) {
    this(batch, dtype, optimizer, losses, adversaries, trainInterAb, seed, false);
  }

  /** Returns the default step: AdaBelief at 5e-5, masked, OG dialect, everything trains. */
  public static StepSettings defaults(int batch) {
    Optimizer optimizer = Optimizer.constant(OPTIMIZER, Optimizer.Rule.ADABELIEF, 5e-5);
    return new StepSettings(
        batch, DType.F32, optimizer, LossSettings.DEFAULT, Adversaries.NONE, true, 0);
  }

  /** Tells whether convolutions compute in 16 bits and all else in F32. */
  public boolean isMixed() {
    return dtype == DType.BF16 || dtype == DType.F16;
  }

  /** Returns the element type of weights, optimiser state, feeds and losses. */
  public DType masterType() {
    return isMixed() ? DType.F32 : dtype;
  }

  /** Returns what the losses are multiplied by at the start, 1 where they are not. */
  public double lossScale() {
    return dtype == DType.F16 ? Update.LossScale.START : 1;
  }

  /** Returns the same settings with another element type. */
  public StepSettings in(DType other) {
    return new StepSettings(
        batch, other, optimizer, losses, adversaries, trainInterAb, seed, packed);
  }

  /** Returns the same settings with another optimiser. */
  public StepSettings with(Optimizer other) {
    return new StepSettings(batch, dtype, other, losses, adversaries, trainInterAb, seed, packed);
  }

  /** Returns the same settings with other losses. */
  public StepSettings with(LossSettings other) {
    return new StepSettings(
        batch, dtype, optimizer, other, adversaries, trainInterAb, seed, packed);
  }

  /** Returns the same settings with other discriminators. */
  public StepSettings with(Adversaries other) {
    return new StepSettings(batch, dtype, optimizer, losses, other, trainInterAb, seed, packed);
  }

  /** Returns the same settings with images and masks as bytes, or in the type of the arithmetic. */
  public StepSettings packed(boolean bytes) {
    return new StepSettings(
        batch, dtype, optimizer, losses, adversaries, trainInterAb, seed, bytes);
  }
}
