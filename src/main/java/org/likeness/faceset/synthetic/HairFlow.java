package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.mix;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

/**
 * How hair of one cut lies: the direction in which it is combed at a point, how far it stands off
 * the head, how long a lock is and where it is trimmed.
 */
final class HairFlow {
  private static final Vec CROWN = new Vec(0, -138, 112);
  private static final double PART = -22; // x of the parting of combed hair

  private final Identity.Hair hair;

  HairFlow(Identity id) {
    hair = id.hair();
  }

  Identity.HairStyle style() {
    return hair.style();
  }

  /** Number of locks over the whole scalp, and the width of one in millimetres. */
  int locks() {
    return switch (hair.style()) {
      case BALD, BUZZ -> 0;
      case SHORT, CROP -> 1150;
      case BOB, LONG -> 430;
      case BUN -> 420;
      case CURLY -> 1100;
    };
  }

  /** Locks that grow along the front hairline beside those all over the scalp. */
  int frontLocks() {
    return switch (hair.style()) {
      case BOB -> 170;
      case LONG, CROP -> 60;
      default -> 0;
    };
  }

  /** Where locks are seen from both sides. */
  Ribbon.Hanging hanging() {
    return switch (hair.style()) {
      case CURLY -> new Ribbon.Hanging(-200, 1e9);
      case BOB, LONG -> new Ribbon.Hanging(-88, 75);
      default -> new Ribbon.Hanging(-15, -1e9);
    };
  }

  double lockWidth() {
    return switch (hair.style()) {
      case SHORT, CROP -> 4.6;
      case CURLY -> 3.2;
      case BUN -> 8;
      default -> 11.5;
    };
  }

  /** Combing direction at a point of a lock that is rooted at {@code root}; not unit length. */
  Vec direction(Vec p, Vec root) {
    return switch (hair.style()) {
      case BALD, BUZZ, CURLY, CROP -> awayFromCrown(p);
      case SHORT -> sidePart(p);
      case BOB -> root.z() < 12 && Math.abs(root.x()) < 46 ? awayFromCrown(p) : hang(p, 0.25, root);
      case LONG -> hang(p, 1, root);
      case BUN -> new Vec(0, -86, 190).minus(p);
    };
  }

  private static Vec awayFromCrown(Vec p) {
    Vec d = p.minus(CROWN);
    return new Vec(d.x(), d.y() + 25, d.z()).unit();
  }

  private static Vec sidePart(Vec p) {
    double top = smoothstep(-85, -112, p.y());
    double side = p.x() < PART ? -1 : 1;
    Vec over =
        new Vec(side, 0.12, 0.25 - 0.35 * smoothstep(60, 0, p.z()) * smoothstep(PART, 30, p.x()));
    Vec down = new Vec(0.05 * side, 1, 0.55);
    return down.towards(over, top);
  }

  /** From the parting to the side, then down by its own weight. */
  private static Vec hang(Vec p, double parted, Vec root) {
    double side = root.x() < -3 ? -1 : 1;
    double fall = smoothstep(-112, -70, p.y());
    Vec over = new Vec(side * mix(0.6, 1.1, parted), 0.25, root.z() > 110 ? 0.9 : 0.28);
    Vec down = new Vec(side * 0.05, 1, root.z() > 110 ? 0.12 : 0.05);
    return over.towards(down, fall);
  }

  /** Height over the skin of a lock at share {@code t} of its length, millimetres. */
  double lift(Vec p, double t, double layer) {
    double v = hair.volume();
    double root = smoothstep(0, 0.25, t);
    double top = smoothstep(-60, -125, p.y());
    return switch (hair.style()) {
      case BALD, BUZZ -> 0;
      case SHORT -> mix(2, 2.5 + (3 + 13 * v) * top, root) + 2.5 * layer;
      case CROP -> mix(2, 3 + (2 + 6 * v) * top, root) + 2 * layer;
      case BOB, LONG -> mix(3, 5 + 12 * v, root) + 4 * layer;
      case BUN -> 2 + 3 * v * root + 1.5 * layer;
      case CURLY -> 0;
    };
  }

  /** Thickness of the closed cap beneath the locks where hair is dense, millimetres. */
  double cap(Vec p) {
    double v = hair.volume();
    double top = smoothstep(-60, -125, p.y());
    return switch (hair.style()) {
      case BALD -> 0;
      case BUZZ -> 0.8;
      case SHORT -> 2 + (2 + 11 * v) * top;
      case CROP -> 2 + (2 + 5 * v) * top;
      case BOB, LONG -> 3 + 11 * v;
      case BUN -> 2.5 + 3 * v;
      case CURLY -> (9 + 26 * v) * mix(0.25, 1, smoothstep(-5, -75, p.y()));
    };
  }

  /** Length of a lock in millimetres. */
  double length(Vec root, double chance) {
    boolean front = root.z() < 12 && Math.abs(root.x()) < 46;
    return switch (hair.style()) {
      case BALD, BUZZ -> 0;
      case SHORT -> mix(20, 55, smoothstep(-75, -120, root.y())) * mix(0.8, 1.15, chance);
      case CROP -> mix(18, 40, smoothstep(-75, -120, root.y())) * mix(0.8, 1.2, chance);
      case BOB -> front ? 62 * mix(0.95, 1.05, chance) : 240;
      case LONG -> 330 * mix(0.85, 1.1, chance);
      case BUN -> 170;
      case CURLY -> 26;
    };
  }

  /** Height at which a lock rooted there is cut off. */
  double trim(Vec root, double chance) {
    boolean front = root.z() < 12 && Math.abs(root.x()) < 46;
    return switch (hair.style()) {
      case BOB -> front ? -63 + 5 * chance + 0.004 * root.x() * root.x() : 44 + 12 * chance;
      case CROP -> root.z() < 25 ? -80 + 9 * chance : 40;
      case LONG -> 150 + 30 * chance;
      default -> 60;
    };
  }
}
