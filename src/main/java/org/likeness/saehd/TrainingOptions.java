package org.likeness.saehd;

import org.likeness.saehd.Option.Change;
import org.likeness.saehd.Option.Group;
import org.likeness.saehd.Option.Origin;
import org.likeness.saehd.OptionKind.Choice;
import org.likeness.saehd.OptionKind.Flag;
import org.likeness.saehd.OptionKind.Layers;
import org.likeness.saehd.OptionKind.Recipe;

/** Options of how a session learns; {@link OptionTable} lists them with the others. */
public final class TrainingOptions {
  private TrainingOptions() {}

  /** Each step moves three of ten weights, at a rate that comes and goes (spec model.md 5). */
  public static final Option<String> LR_DROPOUT =
      new Option<>(
          "lr_dropout",
          new Choice("n", "y", "cpu"),
          "n",
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Move three of ten weights in each step, at a rate that comes and goes every 500: turn on"
              + " late, to sharpen; y and cpu are the same.");

  /** Limit of the gradient (spec model.md 5). */
  public static final Option<Boolean> CLIPGRAD =
      new Option<>(
          "clipgrad",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Limit the gradient: makes collapse less likely, and learning a little slower.");

  /** Where the optimiser's state lies (spec performance.md 3, host offload). */
  public static final Option<Boolean> MODELS_OPT_ON_GPU =
      new Option<>(
          "models_opt_on_gpu",
          new Flag(),
          true,
          Group.TRAINING,
          Origin.BOTH,
          Change.ANY_TIME,
          "Keep the optimiser's state in the GPU's memory; off moves it to the computer's: less"
              + " memory on the card, slower steps, the same weights.");

  /** What convolutions compute in; weights, optimiser state and losses are always f32. */
  public static final Option<String> PRECISION =
      new Option<>(
          "precision",
          new Choice("f32", "tf32", "bf16", "f16"),
          "f32",
          Group.TRAINING,
          Origin.OURS,
          Change.ANY_TIME,
          "Compute convolutions in bf16 (RTX 30 on and new processors) or f16 (RTX 20): less memory"
              + " and time, the weights stay f32; tf32 only saves time, on GPUs.");

  /** What is made again to save memory (spec performance.md 2). */
  public static final Option<String> RECOMPUTE =
      new Option<>(
          "recompute",
          new Layers(),
          "auto",
          Group.TRAINING,
          Origin.OURS,
          Change.ANY_TIME,
          "Forward values that are made again on the way back instead of kept: auto, those that"
              + " cost least where memory would not do; none; or layers by name,"
              + " encoder/down1,decoder/res2. Changes the time, never the result.");

  /** The original's half precision, here mixed precision in bf16 (spec model.md 2.9). */
  public static final Option<Boolean> USE_FP16 =
      new Option<>(
          "use_fp16",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "The same as precision bf16: weights and optimiser stay f32, where the original's lose"
              + " small steps in f16.");

  /** The worst samples once more (spec model.md 6.2). */
  public static final Option<Boolean> RETRAINING_SAMPLES =
      new Option<>(
          "retraining_samples",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.MVE,
          Change.ANY_TIME,
          "Learn the worst faces of every 16 iterations once more, unwarped.");

  /** Any faces before those of src and dst (spec model.md 1.4). */
  public static final Option<Boolean> PRETRAIN =
      new Option<>(
          "pretrain",
          new Flag(),
          false,
          Group.TRAINING,
          Origin.BOTH,
          Change.PRETRAINING,
          "Learn from the faces of --pretraining-data first; turned off, the iterations start anew"
              + " and the inters with them.");

  /** Changes of options that a session makes by itself. */
  public static final Option<String> PHASES =
      new Option<>(
          "phases",
          new Recipe(),
          "",
          Group.TRAINING,
          Origin.OURS,
          Change.ANY_TIME,
          "Change options by itself: until=20000; until=30000, lr_dropout=y; gan_power=0.1.");
}
