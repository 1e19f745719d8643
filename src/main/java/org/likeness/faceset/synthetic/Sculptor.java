package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.bell;
import static org.likeness.faceset.synthetic.Curves.smoothstep;

import java.util.stream.IntStream;

/** Samples a {@link HeadField} on a {@link Chart}: eyes and mouth closed, face at rest. */
final class Sculptor {
  private final Identity id;
  private final Layout at;
  private final Chart chart;
  private final HeadField field;

  Sculptor(Identity id, Layout at, Chart chart, HeadField field) {
    this.id = id;
    this.at = at;
    this.chart = chart;
    this.field = field;
  }

  /** Rest positions, (vertices, 3), slit copies included. */
  float[] sculpt() {
    float[] p = new float[chart.vertexCount() * 3];
    IntStream.range(0, chart.rows).parallel().forEach(r -> sculptRow(r, p));
    for (int c = 0; c < chart.columns; c++) {
      copy(p, chart.upper(chart.eyeRow, c), chart.lower(chart.eyeRow, c));
      copy(p, chart.upper(chart.mouthRow, c), chart.lower(chart.mouthRow, c));
    }
    return p;
  }

  private static void copy(float[] p, int from, int to) {
    System.arraycopy(p, from * 3, p, to * 3, 3);
  }

  private void sculptRow(int r, float[] p) {
    for (int c = chart.middle; c < chart.columns; c++) {
      Vec origin = chart.origin(r, c);
      Vec ray = chart.ray(r, c);
      double t = outermost(origin, ray, chart.reach(r));
      Vec hit = origin.plus(ray.times(t));
      hit = hit.plus(ray.times(lips(hit.x(), hit.y(), hit.z())));
      put(p, chart.upper(r, c), hit.x(), hit);
      put(p, chart.upper(r, 2 * chart.middle - c), -hit.x(), hit);
    }
  }

  private static void put(float[] p, int vertex, double x, Vec v) {
    p[3 * vertex] = (float) x;
    p[3 * vertex + 1] = (float) v.y();
    p[3 * vertex + 2] = (float) v.z();
  }

  private double outermost(Vec o, Vec ray, double reach) {
    double t = reach;
    double step = 0;
    for (int i = 0; i < 400 && t > 2; i++) {
      double d = at(o, ray, t);
      if (d < 0) {
        break;
      }
      step = Math.max(0.4, 0.6 * d);
      t -= step;
    }
    double in = t;
    double out = t + step;
    for (int i = 0; i < 22; i++) {
      double mid = 0.5 * (in + out);
      if (at(o, ray, mid) < 0) {
        in = mid;
      } else {
        out = mid;
      }
    }
    return out;
  }

  private double at(Vec o, Vec ray, double t) {
    return field.distance(o.x() + ray.x() * t, o.y() + ray.y() * t, o.z() + ray.z() * t);
  }

  /** How far the lips stand out of the mouth mound at a frontal position, millimetres. */
  private double lips(double x, double y, double z) {
    double s = Math.abs(x) / at.mouthHalf();
    double dy = y - at.mouthY();
    if (s > 1.4 || Math.abs(dy) > 25 || z > 25) {
      return 0;
    }
    double reach = dy < 0 ? upperBorder(s) : lowerBorder(s);
    double q = reach < 0.3 ? 2 : Math.abs(dy) / reach;
    double body = dy < 0 ? upperBody(q) : lowerBody(q);
    body *= taper(s);
    double groove = 3.4 * bell(dy / 1.25) * smoothstep(1.12, 0.9, s);
    return body - groove - 0.7 * bell((s - 1.02) / 0.09) * bell(dy / 2.5);
  }

  private double upperBody(double q) {
    return q >= 1.3 ? 0 : (3.9 + 1.1 * id.mouth().upper()) * Math.pow(1 - q / 1.3, 1.05);
  }

  private double lowerBody(double q) {
    double r = q / 1.22;
    return r >= 1 ? 0 : (5 + 1.1 * id.mouth().lower()) * Math.pow(1 - r * r, 0.75);
  }

  private static double taper(double s) {
    return smoothstep(1.08, 0.3, s);
  }

  /** Height of the upper lip's colour above the mouth line at {@code s} = |x| / half width. */
  double upperBorder(double s) {
    if (s >= 1) {
      return 0;
    }
    double bow = 0.13 * (1 + 0.7 * id.mouth().bow()) * bell(s / 0.13);
    return at.upperLip() * Math.pow(1 - Math.pow(s, 1.75), 0.85) * (1 - bow);
  }

  /** Depth of the lower lip's colour below the mouth line. */
  double lowerBorder(double s) {
    return s >= 1 ? 0 : at.lowerLip() * Math.pow(1 - Math.pow(s, 2.1), 0.8);
  }
}
