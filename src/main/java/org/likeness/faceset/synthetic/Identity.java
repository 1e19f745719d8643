package org.likeness.faceset.synthetic;

/**
 * Who a synthetic head is: shape, features, skin and hair. Shape numbers are signed deviations, 0 =
 * average and ±1 = clearly beyond; amounts are in [0, 1]; colours are sRGB {@code 0xRRGGBB}.
 */
public record Identity(
    String name,
    long seed,
    Skull skull,
    Jaw jaw,
    Nose nose,
    Eyes eyes,
    Brows brows,
    Mouth mouth,
    Skin skin,
    Hair hair,
    Extras extras) {

  /**
   * Width and length of the face, slope of the forehead, strength of the brow ridge, neck width.
   */
  public record Skull(double width, double length, double forehead, double browRidge, double neck) {
    /** Refuses values outside [-1.5, 1.5]. */
    public Skull {
      shape("skull", width, length, forehead, browRidge, neck);
    }
  }

  /** Jaw width, chin length and width, cheekbone prominence, fullness of the cheeks. */
  public record Jaw(
      double width, double chinLength, double chinWidth, double cheekbones, double cheeks) {
    /** Refuses values outside [-1.5, 1.5]. */
    public Jaw {
      shape("jaw", width, chinLength, chinWidth, cheekbones, cheeks);
    }
  }

  /** Nose length and width, size of the tip, upward turn of the tip, height of the bridge. */
  public record Nose(double length, double width, double tip, double upturn, double bridge) {
    /** Refuses values outside [-1.5, 1.5]. */
    public Nose {
      shape("nose", length, width, tip, upturn, bridge);
    }
  }

  /** Eye size, distance apart, tilt (outer corner up), how far the fold hides the lid, iris. */
  public record Eyes(double size, double spacing, double tilt, double hooded, int iris) {
    /** Refuses shapes outside [-1.5, 1.5] and colours outside 0xRRGGBB. */
    public Eyes {
      shape("eyes", size, spacing, tilt, hooded);
      colours("eyes", iris);
    }
  }

  /** Eyebrow thickness, arch, slope (outer end up), height above the eye, colour. */
  public record Brows(double thickness, double arch, double slope, double height, int colour) {
    /** Refuses shapes outside [-1.5, 1.5] and colours outside 0xRRGGBB. */
    public Brows {
      shape("brows", thickness, arch, slope, height);
      colours("brows", colour);
    }
  }

  /** Mouth width, fullness of both lips, bow of the upper lip, lift of the corners, colour. */
  public record Mouth(
      double width, double upper, double lower, double bow, double corners, int colour) {
    /** Refuses shapes outside [-1.5, 1.5] and colours outside 0xRRGGBB. */
    public Mouth {
      shape("mouth", width, upper, lower, bow, corners);
      colours("mouth", colour);
    }
  }

  /** Skin colour; amounts of blush, freckles, age lines, beard stubble and eye shadow. */
  public record Skin(
      int tone, double blush, double freckles, double age, double stubble, double makeup) {
    /** Refuses amounts outside [0, 1] and colours outside 0xRRGGBB. */
    public Skin {
      amounts("skin", blush, freckles, age, stubble, makeup);
      colours("skin", tone);
    }
  }

  /** Hair cut, base and highlight colour, volume, waviness. */
  public record Hair(HairStyle style, int colour, int highlight, double volume, double wave) {
    /** Refuses amounts outside [0, 1] and colours outside 0xRRGGBB. */
    public Hair {
      amounts("hair", volume, wave);
      colours("hair", colour, highlight);
    }
  }

  /** The cuts that the hair builder knows. */
  public enum HairStyle {
    /** No hair at all. */
    BALD,
    /** Clipped to a few millimetres. */
    BUZZ,
    /** Short sides, longer top combed to one side. */
    SHORT,
    /** Short, combed forward to a ragged fringe. */
    CROP,
    /** Chin-length with a straight fringe. */
    BOB,
    /** Past the shoulders, parted. */
    LONG,
    /** Pulled back into a knot. */
    BUN,
    /** A rounded mass of tight curls. */
    CURLY
  }

  /** Beard length in [0, 1] (0 = none) and whether the person wears glasses. */
  public record Extras(double beard, boolean glasses) {
    /** Refuses amounts outside [0, 1]. */
    public Extras {
      amounts("extras", beard);
    }
  }

  private static void shape(String part, double... values) {
    inRange(part, -1.5, 1.5, values);
  }

  private static void amounts(String part, double... values) {
    inRange(part, 0, 1, values);
  }

  private static void inRange(String part, double low, double high, double... values) {
    for (double v : values) {
      if (!(v >= low && v <= high)) {
        throw new IllegalArgumentException(
            "identity " + part + ": " + v + " is outside [" + low + ", " + high + "]");
      }
    }
  }

  private static void colours(String part, int... values) {
    for (int c : values) {
      if (c < 0 || c > 0xFFFFFF) {
        throw new IllegalArgumentException(
            "identity " + part + ": colour 0x" + Integer.toHexString(c) + " is not 0xRRGGBB");
      }
    }
  }
}
