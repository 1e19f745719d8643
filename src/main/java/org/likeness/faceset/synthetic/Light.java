package org.likeness.faceset.synthetic;

/**
 * The light on a head: a key light from {@code azimuth} (degrees, positive = from image right) and
 * {@code elevation} (positive = from above), its strength and the ambient light (1 = usual), and
 * warmth in [-1, 1] (-1 = bluish daylight, 1 = lamp light).
 */
public record Light(
    double azimuth, double elevation, double strength, double ambient, double warmth) {

  /** A soft studio light from the upper left. */
  public static final Light STUDIO = new Light(-35, 35, 1, 1, 0.1);

  /** Refuses lights behind the head and strengths outside [0, 3]. */
  public Light {
    if (!(Math.abs(azimuth) <= 120 && Math.abs(elevation) <= 89)) {
      throw new IllegalArgumentException(
          "light: azimuth " + azimuth + ", elevation " + elevation + " exceed 120, 89 degrees");
    }
    if (!(strength >= 0 && strength <= 3 && ambient >= 0 && ambient <= 3)) {
      throw new IllegalArgumentException(
          "light: strength " + strength + ", ambient " + ambient + " are outside [0, 3]");
    }
    if (!(Math.abs(warmth) <= 1)) {
      throw new IllegalArgumentException("light: warmth " + warmth + " is outside [-1, 1]");
    }
  }

  /** Unit vector towards the key light in view space. */
  Vec direction() {
    double a = Math.toRadians(azimuth);
    double e = Math.toRadians(elevation);
    return new Vec(Math.sin(a) * Math.cos(e), -Math.sin(e), -Math.cos(a) * Math.cos(e));
  }
}
