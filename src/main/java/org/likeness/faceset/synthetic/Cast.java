package org.likeness.faceset.synthetic;

import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import org.likeness.faceset.synthetic.Identity.Brows;
import org.likeness.faceset.synthetic.Identity.Extras;
import org.likeness.faceset.synthetic.Identity.Eyes;
import org.likeness.faceset.synthetic.Identity.Hair;
import org.likeness.faceset.synthetic.Identity.HairStyle;
import org.likeness.faceset.synthetic.Identity.Jaw;
import org.likeness.faceset.synthetic.Identity.Mouth;
import org.likeness.faceset.synthetic.Identity.Nose;
import org.likeness.faceset.synthetic.Identity.Skin;
import org.likeness.faceset.synthetic.Identity.Skull;

/** Invented people: eight named ones who look nothing like each other, and one for every seed. */
public final class Cast {
  private static final Identity RUTH =
      new Identity(
          "ruth",
          11,
          new Skull(-0.5, 0.1, 0.2, -0.7, -0.8),
          new Jaw(-0.9, -0.3, -0.6, 0.6, -0.1),
          new Nose(-0.2, -0.7, -0.4, 0.6, 0.1),
          new Eyes(0.7, 0, 0.5, -0.5, 0x4f8a58),
          new Brows(0.1, 0.3, 0.3, 0.3, 0x6b3a20),
          new Mouth(0.1, 0.6, 0.7, 0.6, 0.2, 0xb8434f),
          new Skin(0xf0c8b0, 0.6, 0.5, 0, 0, 0.5),
          new Hair(HairStyle.LONG, 0x7a3416, 0xc8713a, 0.6, 0.4),
          new Extras(0, false));
  private static final Identity OMAR =
      new Identity(
          "omar",
          23,
          new Skull(0.5, 0.2, -0.3, 0.9, 0.9),
          new Jaw(0.8, 0.4, 0.9, -0.1, 0.1),
          new Nose(0.6, 0.8, 0.4, -0.4, 0.6),
          new Eyes(-0.5, 0.1, -0.1, 0.6, 0x4a2d18),
          new Brows(1.0, -0.3, 0.2, -0.5, 0x17120f),
          new Mouth(0.4, -0.5, -0.2, -0.3, -0.2, 0x96605a),
          new Skin(0xb07c58, 0.2, 0, 0.35, 0.65, 0),
          new Hair(HairStyle.CROP, 0x18130f, 0x40342a, 0.4, 0.2),
          new Extras(0, false));
  private static final Identity MEI =
      new Identity(
          "mei",
          31,
          new Skull(0.1, -0.4, 0.1, -0.9, -0.7),
          new Jaw(-0.5, -0.5, -0.4, 0.5, 0.5),
          new Nose(-0.4, 0.1, 0, 0.3, -0.9),
          new Eyes(-0.1, 0.2, 0.9, 0.7, 0x2a1a12),
          new Brows(0.1, -0.4, 0.3, 0.3, 0x1a1512),
          new Mouth(-0.5, 0.2, 0.5, 0.4, 0.1, 0xc25b62),
          new Skin(0xe9c2a2, 0.35, 0, 0, 0, 0.4),
          new Hair(HairStyle.BOB, 0x0f0d0f, 0x3a3440, 0.6, 0),
          new Extras(0, false));
  private static final Identity OTTO =
      new Identity(
          "otto",
          37,
          new Skull(0.4, 0.6, -0.5, 0.7, 0.5),
          new Jaw(0.2, 0.3, 0.4, 0.2, -0.7),
          new Nose(0.9, 0.5, 0.7, -0.7, 0.7),
          new Eyes(-0.7, -0.1, -0.8, 0.9, 0x5d7f9c),
          new Brows(0.8, -0.2, -0.4, -0.3, 0xb8b2a8),
          new Mouth(0.2, -0.9, -0.6, -0.5, -0.3, 0xb07a70),
          new Skin(0xe6b394, 0.7, 0.02, 1, 0.1, 0),
          new Hair(HairStyle.BALD, 0xc9c5bd, 0xe8e6e0, 0.3, 0.3),
          new Extras(0.8, true));
  private static final Identity NIA =
      new Identity(
          "nia",
          41,
          new Skull(-0.1, 0, -0.2, -0.6, -0.7),
          new Jaw(-0.4, -0.2, -0.2, 0.9, 0.2),
          new Nose(-0.3, 1.1, 0.5, 0.2, -0.5),
          new Eyes(0.6, 0.3, 0.4, -0.3, 0x2e1b10),
          new Brows(0.2, 0.6, 0.2, 0.4, 0x120c0a),
          new Mouth(0.5, 1.1, 1.0, 0.2, 0, 0x8d3f44),
          new Skin(0x6b4028, 0.2, 0, 0, 0, 0.3),
          new Hair(HairStyle.CURLY, 0x120d0b, 0x33241c, 0.85, 1),
          new Extras(0, false));
  private static final Identity LEO =
      new Identity(
          "leo",
          43,
          new Skull(-0.2, 0.4, 0.3, 0.2, 0),
          new Jaw(0.3, 0.5, 0.5, 0.1, -0.4),
          new Nose(0.3, -0.4, -0.2, 0, 0.5),
          new Eyes(0.1, -0.3, 0, 0, 0x5b8fc4),
          new Brows(0.3, 0.1, 0.1, -0.2, 0x8a6a3c),
          new Mouth(0.3, -0.3, 0, 0, 0.2, 0xc07a70),
          new Skin(0xefc4a4, 0.5, 0.08, 0.05, 0.12, 0),
          new Hair(HairStyle.SHORT, 0xa87f42, 0xe6c684, 0.7, 0.3),
          new Extras(0, false));
  private static final Identity INES =
      new Identity(
          "ines",
          47,
          new Skull(0.3, 0.1, 0, -0.5, -0.7),
          new Jaw(-0.2, -0.1, 0.2, 0.2, 0.7),
          new Nose(0.5, 0.1, 0.2, -0.2, 0.4),
          new Eyes(0.3, -0.2, -0.3, 0.2, 0x6b4a24),
          new Brows(0.6, 0.2, -0.1, 0, 0x2a1a12),
          new Mouth(0.3, 0, 0.3, -0.2, 0.3, 0xa84048),
          new Skin(0xd39b74, 0.5, 0.03, 0.45, 0, 0.3),
          new Hair(HairStyle.BUN, 0x2b1a12, 0x6a4630, 0.5, 0.1),
          new Extras(0, true));
  private static final Identity KOFI =
      new Identity(
          "kofi",
          53,
          new Skull(0.2, -0.2, -0.4, 0.3, 0.8),
          new Jaw(0.5, 0, 0.3, 0.3, 0.6),
          new Nose(0, 1.2, 0.8, 0, -0.2),
          new Eyes(0, 0.4, 0.1, 0.3, 0x24150d),
          new Brows(0.5, 0, 0.2, 0, 0x0f0b09),
          new Mouth(0.6, 0.8, 0.9, 0, 0.1, 0x7d4a44),
          new Skin(0x53321f, 0.1, 0, 0.15, 0.35, 0),
          new Hair(HairStyle.BUZZ, 0x0e0b0a, 0x241c17, 0.1, 0),
          new Extras(0.3, false));

  private static final List<Identity> ALL = List.of(RUTH, OMAR, MEI, OTTO, NIA, LEO, INES, KOFI);

  private static final int[] TONES = {
    0xf3cfb8, 0xeec3a5, 0xe2b08c, 0xd29a72, 0xb9825c, 0x9a6644, 0x744830, 0x55341f
  };
  private static final int[] HAIRS = {
    0x15110f, 0x1d1512, 0x2d1d14, 0x46301f, 0x65452a, 0x7b3a1b, 0xa47a40, 0xc9a566
  };
  private static final int[] IRISES = {0x2a190f, 0x4a2d18, 0x6b4a24, 0x5c6a34, 0x4f7f5c, 0x5b8fc4};

  private Cast() {}

  /** The named people, in a fixed order; neighbours contrast. */
  public static List<Identity> all() {
    return ALL;
  }

  /** A named person; the message of a refusal lists the names. */
  public static Identity named(String name) {
    return ALL.stream()
        .filter(p -> p.name().equals(name.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "there is no person '%s': choose one of %s"
                        .formatted(
                            name,
                            ALL.stream().map(Identity::name).collect(Collectors.joining(", ")))));
  }

  /** The person of a seed, always the same one. */
  public static Identity random(long seed) {
    return new Dice(seed).person();
  }

  /** Draws a plausible person: features that go together are drawn together. */
  private static final class Dice {
    private final SplittableRandom random;
    private final long seed;

    Dice(long seed) {
      this.seed = seed;
      random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 4242);
    }

    /** Around {@code centre}, mostly within 1 of it. */
    private double around(double centre) {
      double s = random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
      return Math.clamp(centre + 0.9 * s, -1.3, 1.3);
    }

    private double amount(double most) {
      return most * random.nextDouble();
    }

    Identity person() {
      double rugged = random.nextDouble() < 0.5 ? 0.6 : -0.6;
      int dark = random.nextInt(TONES.length);
      int hair = HAIRS[random.nextInt(dark > 3 ? 3 : HAIRS.length)];
      double age = random.nextDouble() < 0.4 ? amount(1) : amount(0.2);
      if (age > 0.6 && random.nextBoolean()) {
        hair = 0xb9b4ab;
      }
      return new Identity(
          "seed-" + seed,
          seed,
          new Skull(around(0.3 * rugged), around(0), around(0), around(rugged), around(rugged)),
          new Jaw(
              around(rugged), around(0.3 * rugged), around(0.6 * rugged), around(0.2), around(0)),
          nose(dark, rugged),
          new Eyes(around(-0.4 * rugged), around(0), around(0), around(0), iris(dark)),
          new Brows(
              around(0.7 * rugged),
              around(-0.3 * rugged),
              around(0),
              around(-0.4 * rugged),
              darker(hair)),
          mouth(dark, rugged),
          skin(dark, rugged, age),
          hair(hair, rugged),
          new Extras(
              rugged > 0 && random.nextDouble() < 0.3 ? amount(1) : 0, random.nextDouble() < 0.15));
    }

    private Nose nose(int dark, double rugged) {
      double broad = dark > 4 ? 0.6 : 0;
      return new Nose(
          around(0.3 * rugged), around(broad + 0.3 * rugged), around(0), around(0), around(-broad));
    }

    private int iris(int dark) {
      return IRISES[random.nextInt(dark > 3 ? 2 : IRISES.length)];
    }

    private Mouth mouth(int dark, double rugged) {
      double full = (dark > 4 ? 0.5 : 0) - 0.5 * rugged;
      int colour = dark > 4 ? 0x85453f : rugged > 0 ? 0xb87068 : 0xbb5058;
      return new Mouth(
          around(0.2), around(full), around(full), around(-0.2 * rugged), around(0), colour);
    }

    private Skin skin(int dark, double rugged, double age) {
      double freckles = dark < 3 && random.nextDouble() < 0.35 ? amount(0.7) : 0;
      return new Skin(
          TONES[dark],
          amount(0.8),
          freckles,
          age,
          rugged > 0 ? amount(0.7) : 0,
          rugged < 0 ? amount(0.7) : 0);
    }

    private Hair hair(int colour, double rugged) {
      HairStyle[] styles =
          rugged > 0
              ? new HairStyle[] {
                HairStyle.SHORT, HairStyle.CROP, HairStyle.BUZZ, HairStyle.BALD, HairStyle.CURLY
              }
              : new HairStyle[] {
                HairStyle.LONG, HairStyle.BOB, HairStyle.BUN, HairStyle.CURLY, HairStyle.SHORT
              };
      HairStyle style = styles[random.nextInt(styles.length)];
      return new Hair(style, colour, lighter(colour), 0.3 + amount(0.6), amount(0.8));
    }

    private static int darker(int rgb) {
      return scaled(rgb, 0.72, 0);
    }

    private static int lighter(int rgb) {
      return scaled(rgb, 1.35, 22);
    }

    private static int scaled(int rgb, double by, int plus) {
      int out = 0;
      for (int shift = 0; shift < 24; shift += 8) {
        int c = (int) ((rgb >> shift & 255) * by) + plus;
        out |= Math.min(255, c) << shift;
      }
      return out;
    }
  }
}
