package org.likeness.saehd;

import org.likeness.saehd.Option.Change;
import org.likeness.saehd.Option.Group;
import org.likeness.saehd.Option.Origin;
import org.likeness.saehd.OptionKind.Choice;
import org.likeness.saehd.OptionKind.Flag;
import org.likeness.saehd.OptionKind.Real;
import org.likeness.saehd.OptionKind.Shadow;

/** Options of what samples look like; {@link OptionTable} lists them with the others. */
public final class SampleOptions {
  private SampleOptions() {}

  /** Random hue, saturation and value of src (spec data.md 7.1). */
  public static final Option<Double> RANDOM_HSV_POWER =
      new Option<>(
          "random_hsv_power",
          new Real(0, 0.3),
          0.0,
          Group.SAMPLES,
          Origin.BOTH,
          Change.ANY_TIME,
          "How far hue, saturation and light of src vary.");

  /** Colour transfer (spec data.md 7.2, 7.3). */
  public static final Option<String> CT_MODE =
      new Option<>(
          "ct_mode",
          new Choice("none", "rct", "lct", "mkl", "idt", "sot", "fs-aug", "cc-aug"),
          "none",
          Group.SAMPLES,
          Origin.BOTH,
          Change.ANY_TIME,
          "Give src the colours of dst; fs-aug and cc-aug vary the colours of both.");

  /** Rotation of LAB (spec data.md 7.6). */
  public static final Option<Boolean> RANDOM_COLOR =
      new Option<>(
          "random_color",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.MVE,
          Change.ANY_TIME,
          "Vary the colours of both sides.");

  /** Reduced inputs (spec data.md 7.4). */
  public static final Option<Boolean> RANDOM_DOWNSAMPLE =
      new Option<>(
          "random_downsample",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.MVE,
          Change.ANY_TIME,
          "Reduce some inputs: teaches to sharpen.");

  /** Noisy inputs (spec data.md 7.4). */
  public static final Option<Boolean> RANDOM_NOISE =
      new Option<>(
          "random_noise",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.MVE,
          Change.ANY_TIME,
          "Add noise to the inputs.");

  /** Blurred inputs (spec data.md 7.4). */
  public static final Option<Boolean> RANDOM_BLUR =
      new Option<>(
          "random_blur",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.MVE,
          Change.ANY_TIME,
          "Blur the inputs.");

  /** Compressed inputs (spec data.md 7.4). */
  public static final Option<Boolean> RANDOM_JPEG =
      new Option<>(
          "random_jpeg",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.MVE,
          Change.ANY_TIME,
          "Compress the inputs.");

  /** Shadows and highlights (spec data.md 7.5). */
  public static final Option<String> RANDOM_SHADOW =
      new Option<>(
          "random_shadow",
          new Choice("none", "src", "dst", "all"),
          "none",
          Group.SAMPLES,
          Origin.MVE,
          Change.ANY_TIME,
          "Cast shadows and highlights on faces of src, dst or all.");

  /** Samples in f32 instead of rounded to bytes. */
  public static final Option<Boolean> EXACT_BATCHES =
      new Option<>(
          "exact_batches",
          new Flag(),
          false,
          Group.SAMPLES,
          Origin.OURS,
          Change.ANY_TIME,
          "Send samples as floats instead of bytes: four times the memory, to compare numbers.");

  /** Shadows of src with bounds of their own (spec model.md 1.6). */
  public static final Option<String> RANDOM_SHADOW_SRC = shadow("src");

  /** Shadows of dst with bounds of their own (spec model.md 1.6). */
  public static final Option<String> RANDOM_SHADOW_DST = shadow("dst");

  private static Option<String> shadow(String side) {
    return new Option<>(
        "random_shadow_" + side,
        new Shadow(),
        Shadows.UNSET,
        Group.SAMPLES,
        Origin.MVE,
        Change.ANY_TIME,
        "Shadows of "
            + side
            + " in place of random_shadow's: light inside from, to, outside from, to; on is 0.2 0.6"
            + " 1 3.");
  }
}
