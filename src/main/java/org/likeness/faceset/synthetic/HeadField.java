package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.mix;
import static org.likeness.faceset.synthetic.Curves.softMin;

import java.util.ArrayList;
import java.util.List;

/**
 * The head of one identity as a signed distance (negative inside): soft unions of ellipsoids and
 * tapered capsules, left-right symmetric, with bell-shaped dents. Lips are added by the sculptor.
 */
final class HeadField {

  private sealed interface Clay permits Ellipsoid, Capsule {
    double distance(double x, double y, double z);

    double softness();
  }

  private record Ellipsoid(Vec c, Vec r, double softness) implements Clay {
    @Override
    public double distance(double x, double y, double z) {
      double px = (x - c.x()) / r.x();
      double py = (y - c.y()) / r.y();
      double pz = (z - c.z()) / r.z();
      double k0 = Math.sqrt(px * px + py * py + pz * pz);
      double qx = px / r.x();
      double qy = py / r.y();
      double qz = pz / r.z();
      double k1 = Math.sqrt(qx * qx + qy * qy + qz * qz);
      return k1 < 1e-9 ? -Math.min(r.x(), r.z()) : k0 * (k0 - 1) / k1;
    }
  }

  private record Capsule(Vec a, Vec b, double ra, double rb, double softness) implements Clay {
    @Override
    public double distance(double x, double y, double z) {
      double bx = b.x() - a.x();
      double by = b.y() - a.y();
      double bz = b.z() - a.z();
      double px = x - a.x();
      double py = y - a.y();
      double pz = z - a.z();
      double t = Curves.clamp01((px * bx + py * by + pz * bz) / (bx * bx + by * by + bz * bz));
      px -= bx * t;
      py -= by * t;
      pz -= bz * t;
      return Math.sqrt(px * px + py * py + pz * pz) - mix(ra, rb, t);
    }
  }

  private record Dent(Vec c, Vec s, double depth) {
    double at(double x, double y, double z) {
      double u = (x - c.x()) / s.x();
      double v = (y - c.y()) / s.y();
      double w = (z - c.z()) / s.z();
      double e = u * u + v * v + w * w;
      return e > 16 ? 0 : depth * Math.exp(-0.5 * e);
    }
  }

  private final List<Clay> clay = new ArrayList<>();
  private final List<Dent> dents = new ArrayList<>();
  private final Ellipsoid lid; // over the eyeball, untouched by dents

  HeadField(Identity id, Layout at) {
    skull(id, at);
    face(id, at);
    jaw(id, at);
    orbits(id, at);
    double r = Layout.EYE_RADIUS + 1.1;
    lid = new Ellipsoid(at.eye(1), vec(r, r, r), 4);
    nose(id, at);
    mouthMound(id, at);
    neck(id, at);
  }

  /** Signed distance in millimetres, approximate away from the surface. */
  double distance(double x, double y, double z) {
    double ax = Math.abs(x);
    double d = 1e9;
    for (Clay c : clay) {
      d = softMin(c.distance(ax, y, z), d, c.softness());
    }
    for (Dent dent : dents) {
      d += dent.at(ax, y, z);
    }
    return softMin(d, lid.distance(ax, y, z), lid.softness());
  }

  /** Outward unit normal from central differences. */
  Vec normal(Vec p) {
    double h = 0.4;
    return new Vec(
            distance(p.x() + h, p.y(), p.z()) - distance(p.x() - h, p.y(), p.z()),
            distance(p.x(), p.y() + h, p.z()) - distance(p.x(), p.y() - h, p.z()),
            distance(p.x(), p.y(), p.z() + h) - distance(p.x(), p.y(), p.z() - h))
        .unit();
  }

  private void skull(Identity id, Layout at) {
    double w = at.wide();
    double slope = id.skull().forehead();
    ellipsoid(vec(0, -60, 82), vec(74 * w, 82, 94), 1);
    ellipsoid(vec(0, -80, 41 + 4 * slope), vec(58 * w, 44, 51), 28);
    dent(vec(70 * w, -52, 26), vec(9, 18, 20), 2.5);
  }

  private void face(Identity id, Layout at) {
    double w = at.wide();
    double bones = id.jaw().cheekbones();
    double full = id.jaw().cheeks();
    double broad = 5 * id.jaw().width();
    ellipsoid(vec(0, 4, 46), vec(61 * w, 69, 55), 20);
    ellipsoid(vec(46 * w + bones, -13, 25), vec(18 + 1.5 * bones, 14, 18 + 1.5 * bones), 20);
    capsule(vec(54 * w, -16, 34), vec(64 * w + bones, -22, 66), 9 + bones, 5, 22);
    ellipsoid(vec(37 * w, 17, 22), vec(21, 25, 22 + 3.5 * full), 24);
    ellipsoid(vec(41 * w + 2 * full + 0.5 * broad, 14, 46), vec(14, 28, 22), 22);
    dent(vec(50 * w, 20, 14), vec(12, 17, 20), 0.8 - 3 * full + bones);
  }

  private void jaw(Identity id, Layout at) {
    double w = at.wide();
    double broad = 6.5 * id.jaw().width();
    double square = id.jaw().chinWidth();
    double gonionY = mix(at.mouthY(), at.chinY(), 0.2 + 0.1 * id.jaw().width());
    double chin = at.chinY() - 13.5;
    Vec gonion = vec(40.5 * w + broad, gonionY, 58);
    capsule(gonion, vec(9.5 + 4 * square, chin + 1, 9), 13, 11.5, 22);
    capsule(gonion, vec(58 * w, -10, 72), 12, 9, 22);
    ellipsoid(vec(0, chin, 4), vec(15.5 + 4.5 * square, 13.5, 15.5), 16);
  }

  private void orbits(Identity id, Layout at) {
    double ridge = id.skull().browRidge();
    double z = 0.5 - 1.6 * ridge;
    capsule(vec(8, -55, z), vec(43, -54, 15 - ridge), 10, 7.5, 20);
    dent(vec(at.eyeX() - 1, -41, 0), vec(14, 7, 13), 6.5 + ridge);
    dent(vec(18.5, -39, -4), vec(5, 6, 8), 3);
    dent(vec(at.eyeX(), -27, 2), vec(15, 5, 10), 1.3);
    dent(vec(at.eyeX() + 1, -46.2, -1), vec(13, 1.1, 12), 0.9);
    dent(vec(at.eyeX() + 2, -49.5, -1), vec(13, 2.2, 12), -0.9);
  }

  private void nose(Identity id, Layout at) {
    Identity.Nose n = id.nose();
    double tip = at.noseTipY();
    double base = at.noseBaseY();
    double out = 3 * n.bridge();
    double ball = 1 + 0.14 * n.tip();
    double alaX = 10.2 + 2.9 * n.width();
    ellipsoid(vec(0, mix(-44, base, 0.64), -6), vec(15 + 1.5 * n.width(), 26, 13.5), 14);
    capsule(
        vec(0, -46, -4.5 - out), vec(0, tip - 3, -24.5 - 0.6 * out), 7, 7.2 + n.width() * 0.6, 9);
    ellipsoid(
        vec(0, tip, -26.8 - 0.5 * out),
        vec((8.4 + 0.8 * n.width()) * ball, 7.8 * ball, 9.5 * ball),
        6);
    ellipsoid(vec(alaX, base - 6, -18.5), vec(5.4 + 0.5 * n.width(), 6.2, 8.2), 6);
    capsule(vec(0, base - 1.5, -17), vec(0, tip + 3, -27), 3.6, 4.5, 5);
    dent(vec(0.6 * alaX, base - 0.5, -24), vec(2.4, 1.8, 4), 4);
    dent(vec(alaX + 5.5, base - 6, -12), vec(2.5, 6, 7), 1.2);
  }

  private void mouthMound(Identity id, Layout at) {
    double y = at.mouthY();
    double age = id.skin().age();
    ellipsoid(vec(0, y - 5, 11), vec(33, 29, 28), 18);
    dent(vec(0, mix(at.noseBaseY(), y - at.upperLip(), 0.55), -20), vec(2.3, 5, 9), 1.3);
    dent(vec(0, y + at.lowerLip() + 5.5, -14), vec(17, 4.2, 12), 3);
    dent(vec(at.mouthHalf() + 5, y + 2, -2), vec(4.5, 7, 9), 1.6);
    dent(vec(at.mouthHalf() + 1.5, mix(at.noseBaseY(), y, 0.45), -8), vec(3.5, 9, 9), 0.7 + age);
  }

  private void neck(Identity id, Layout at) {
    double r = 47 + 6 * id.skull().neck();
    capsule(vec(0, 20, 98), vec(0, 140, 106), r, r + 1, 24);
    capsule(vec(0, 172, 112), vec(135, 206, 118), 38, 34, 44);
    ellipsoid(vec(0, 222, 112), vec(150, 75, 66), 40);
    dent(vec(0, 150, 58), vec(7, 10, 12), 3);
    dent(vec(0, at.chinY() + 10, 26), vec(18, 6, 14), 2);
  }

  private void ellipsoid(Vec c, Vec r, double softness) {
    clay.add(new Ellipsoid(c, r, softness));
  }

  private void capsule(Vec a, Vec b, double ra, double rb, double softness) {
    clay.add(new Capsule(a, b, ra, rb, softness));
  }

  private void dent(Vec c, Vec s, double depth) {
    dents.add(new Dent(c, s, depth));
  }

  private static Vec vec(double x, double y, double z) {
    return new Vec(x, y, z);
  }
}
