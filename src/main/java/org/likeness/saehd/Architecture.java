package org.likeness.saehd;

import java.util.Locale;

/**
 * The shape of a SAEHD model (spec model.md 2).
 *
 * @param liae one decoder and two inters instead of two decoders and one inter
 * @param unitCodes letter 'u': pixel norm after the encoder
 * @param doubled letter 'd': half-size dense side and a shuffling head
 * @param trunk letter 't': a deeper encoder and decoder
 * @param cosine letter 'c': x cos x in place of the leaky rectifiers
 * @param resolution side of the face in pixels
 * @param wscale whether weights are scaled at run time (equalised learning rate, spec model.md 3)
 */
public record Architecture(
    boolean liae,
    boolean unitCodes,
    boolean doubled,
    boolean trunk,
    boolean cosine,
    int resolution,
    Dims dims,
    boolean wscale) {
  /**
   * The widths of the parts.
   *
   * @param ae of the bottleneck
   * @param e of the encoder
   * @param d of the decoder's image branch
   * @param mask of the decoder's mask branch
   */
  public record Dims(int ae, int e, int d, int mask) {
    /** Checks that all are positive. */
    public Dims {
      if (ae < 1 || e < 1 || d < 1 || mask < 1) {
        throw new IllegalArgumentException(
            "dims must be positive, not ae %d, e %d, d %d, d_mask %d".formatted(ae, e, d, mask));
      }
    }
  }

  /** Checks that the resolution divides. */
  public Architecture {
    int divisor = doubled || trunk ? 32 : 16;
    if (resolution < divisor || resolution % divisor != 0) {
      int below = Math.max(divisor, resolution / divisor * divisor);
      throw new IllegalArgumentException(
          "resolution %d does not divide: this architecture needs a multiple of %d; use %d or %d"
              .formatted(resolution, divisor, below, below + divisor));
    }
  }

  /**
   * Reads a name such as {@code liae-udt}: df or liae, then optionally a dash and letters of u, d,
   * t, c, each at most once.
   */
  public static Architecture of(String archi, int resolution, Dims dims) {
    String[] parts = archi.toLowerCase(Locale.ROOT).split("-", -1);
    String letters = parts.length == 2 ? parts[1] : "";
    boolean family = parts[0].equals("df") || parts[0].equals("liae");
    boolean known =
        letters.matches("[udtc]*") && letters.chars().distinct().count() == letters.length();
    if (!family || parts.length > 2 || parts.length == 2 && letters.isEmpty() || !known) {
      throw new IllegalArgumentException(
          "architecture \""
              + archi
              + "\" is not df or liae, optionally followed by '-' and letters"
              + " of u, d, t, c; for example liae-udt");
    }
    return new Architecture(
        parts[0].equals("liae"),
        letters.contains("u"),
        letters.contains("d"),
        letters.contains("t"),
        letters.contains("c"),
        resolution,
        dims,
        false);
  }

  /** Returns the same under equalised learning rate. */
  public Architecture equalised() {
    return new Architecture(liae, unitCodes, doubled, trunk, cosine, resolution, dims, true);
  }

  /** Returns the side of the encoder's output. */
  public int encoderSide() {
    return resolution / (trunk ? 32 : 16);
  }

  /** Returns the length of the flattened code, 8 e side^2. */
  public int codeLength() {
    return 8 * dims.e() * encoderSide() * encoderSide();
  }

  /** Returns the side of the dense layer's output. */
  public int denseSide() {
    return resolution / (doubled ? 32 : 16);
  }

  /** Returns the side of the inter's output. */
  public int codeSide() {
    return trunk ? denseSide() : 2 * denseSide();
  }

  /** Returns the channels that an inter puts out. */
  public int interChannels() {
    return liae ? 2 * dims.ae() : dims.ae();
  }

  /** Returns the channels that a decoder takes. */
  public int decoderInputs() {
    return liae ? 4 * dims.ae() : dims.ae();
  }

  /** Returns the number of trained elements by the formulas of spec model.md 2.10. */
  public long parameterCount() {
    long e = dims.e();
    long c = decoderInputs();
    long d = dims.d();
    long m = dims.mask();
    long q = denseSide();
    long o = interChannels();
    long a = dims.ae();
    long encoder = trunk ? 3820 * e * e + 116 * e : 1050 * e * e + 90 * e;
    long inter = codeLength() * a + a + a * q * q * o + q * q * o;
    inter += trunk ? 0 : 36 * o * o + 4 * o;
    long image =
        288 * c * d
            + (trunk ? 6408 * d * d + 138 * d : 2952 * d * d + 90 * d)
            + 3
            + (doubled ? 162 * d + 9 : 0);
    long mask = 288 * c * m + 1;
    if (trunk) {
      mask += doubled ? 3816 * m * m + 93 * m : 3744 * m * m + 90 * m;
    } else {
      mask += doubled ? 1512 * m * m + 61 * m : 1440 * m * m + 58 * m;
    }
    return encoder + (liae ? 2 : 1) * inter + (liae ? 1 : 2) * (image + mask);
  }

  /** Returns the name, its letters in the order u, d, t, c. */
  public String name() {
    String letters =
        (unitCodes ? "u" : "") + (doubled ? "d" : "") + (trunk ? "t" : "") + (cosine ? "c" : "");
    return (liae ? "liae" : "df") + (letters.isEmpty() ? "" : "-" + letters);
  }
}
