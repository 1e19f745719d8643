package org.likeness.faceset.synthetic;

import static org.likeness.faceset.synthetic.Curves.mix;

/**
 * The grid on which a head is sculpted and painted: columns are angles around the vertical axis,
 * rows run from the crown down to the chest. In the face every row is a horizontal line. Eye and
 * mouth are slits along one row each, where vertices exist twice: the upper and the lower rim.
 */
final class Chart {
  /** Longitudes of one half, 0 at the middle of the face. */
  private static final double[] HALF_U = {0, 0.075, 0.125, 0.155, 0.27, 0.33, 0.39, 0.42, 0.5};

  private static final double NECK_EDGE = 64; // mm from the neck's axis: the first shoulder row
  private static final double AXIS_Z = 50; // where the rays through the face start
  private static final int[] HALF_COLUMNS = {10, 7, 5, 15, 7, 8, 5, 7};

  /** From a row of the grid to the next: lines between, and how they crowd (1 = evenly). */
  private record Band(double y, double tilt, double z, double v, int lines, double crowd) {}

  final int rows;
  final int columns;
  final int middle;
  final double[] rowY;
  final double[] rowTilt;
  final double[] rowZ;
  final float[] v; // (rows), texture coordinate in [0, 1]
  final double[] phi; // (columns), radians, negative = image left
  final float[] u; // (columns), texture coordinate in [0, 1]

  final int foldRow;
  final int eyeRow;
  final int mouthRow;
  final int eyeInner; // columns counted from the middle
  final int eyeOuter;
  final int mouthCorner;

  private final int shoulderRow;
  private final double shoulderFloor;
  private final int slitEyes;
  private final int slitMouth;

  Chart(Layout at, HeadField field) {
    double inner = longitude(field, at.eyeX() - at.eyeHalf(), Layout.EYE_Y);
    double outer = longitude(field, at.eyeX() + at.eyeHalf(), Layout.EYE_Y);
    double mouth =
        Math.clamp(longitude(field, at.mouthHalf(), at.mouthY()), inner + 0.012, outer - 0.12);
    double[] angle = {
      0, 0.19, inner, mouth, outer, Math.toRadians(66), Math.toRadians(87), 1.95, Math.PI
    };
    int half = 0;
    for (int n : HALF_COLUMNS) {
      half += n;
    }
    columns = 2 * half + 1;
    middle = half;
    phi = new double[columns];
    u = new float[columns];
    int k = 0;
    for (int s = 0; s < HALF_COLUMNS.length; s++) {
      for (int i = 0; i < HALF_COLUMNS[s]; i++) {
        k++;
        double t = (i + 1.0) / HALF_COLUMNS[s];
        double a = mix(angle[s], angle[s + 1], t);
        double tex = mix(HALF_U[s], HALF_U[s + 1], t);
        phi[middle + k] = a;
        phi[middle - k] = -a;
        u[middle + k] = (float) (0.5 + tex);
        u[middle - k] = (float) (0.5 - tex);
      }
    }
    u[middle] = 0.5f;
    eyeInner = HALF_COLUMNS[0] + HALF_COLUMNS[1];
    mouthCorner = eyeInner + HALF_COLUMNS[2];
    eyeOuter = mouthCorner + HALF_COLUMNS[3];

    Band[] bands = bands(at);
    int total = 1;
    for (Band b : bands) {
      total += b.lines;
    }
    rows = total;
    rowY = new double[rows];
    rowTilt = new double[rows];
    rowZ = new double[rows];
    v = new float[rows];
    int[] first = fillRows(bands);
    foldRow = first[5];
    eyeRow = first[6];
    mouthRow = first[11];
    shoulderRow = first[19];
    shoulderFloor = at.chinY() + 178;
    slitEyes = rows * columns;
    slitMouth = slitEyes + 2 * (eyeOuter - eyeInner - 1);
  }

  /** Longitude at which the surface before the face's axis lies {@code x} aside. */
  private static double longitude(HeadField field, double x, double y) {
    double z = -60;
    while (z < 40 && field.distance(x, y, z) > 0) {
      z += 0.25;
    }
    return Math.atan2(x, AXIS_Z - z);
  }

  private static Band[] bands(Layout at) {
    double chin = at.chinY();
    return new Band[] {
      new Band(-62, -90, 70, 0, 7, 1),
      new Band(-62, -60, 66, 0.05, 8, 1),
      new Band(-62, -32, 56, 0.10, 16, 1),
      new Band(-68, 0, AXIS_Z, 0.20, 12, 1),
      new Band(-54, 0, AXIS_Z, 0.30, 6, 1),
      new Band(-47, 0, AXIS_Z, 0.36, 10, 0.75),
      new Band(Layout.EYE_Y + 1, 0, AXIS_Z, 0.45, 10, 1.3),
      new Band(-26, 0, AXIS_Z, 0.53, 9, 1),
      new Band(at.noseTipY(), 0, AXIS_Z, 0.60, 14, 1),
      new Band(at.noseBaseY() + 1, 0, AXIS_Z, 0.67, 7, 1),
      new Band(at.mouthY() - at.upperLip() - 1, 0, AXIS_Z, 0.71, 12, 0.7),
      new Band(at.mouthY(), 0, AXIS_Z, 0.76, 13, 1.4),
      new Band(at.mouthY() + at.lowerLip() + 1.5, 0, AXIS_Z, 0.82, 9, 1),
      new Band(chin - 19, 0, AXIS_Z, 0.87, 9, 1),
      new Band(chin - 15, 34, 60, 0.9, 8, 1),
      new Band(chin - 10, 55, 66, 0.92, 6, 1),
      new Band(chin + 4, 50, 76, 0.935, 6, 1),
      new Band(chin + 24, 22, 86, 0.955, 6, 1),
      new Band(chin + 44, 0, 98, 0.98, 1, 1),
      new Band(
          NECK_EDGE, 0, 100, 0.985, 9, 1), // from here on, y is the distance from the neck's axis
      new Band(120, 0, 102, 0.993, 6, 1),
      new Band(185, 0, 106, 1, 0, 1)
    };
  }

  private int[] fillRows(Band[] bands) {
    int[] first = new int[bands.length];
    int r = 0;
    for (int b = 0; b + 1 < bands.length; b++) {
      Band p = bands[b];
      Band q = bands[b + 1];
      first[b] = r;
      for (int i = 0; i < p.lines; i++, r++) {
        double t = Math.pow((double) i / p.lines, p.crowd);
        setRow(r, mix(p.y, q.y, t), mix(p.tilt, q.tilt, t), mix(p.z, q.z, t));
        v[r] = (float) mix(p.v, q.v, t);
      }
    }
    Band last = bands[bands.length - 1];
    first[bands.length - 1] = r;
    setRow(r, last.y, last.tilt, last.z);
    v[r] = 1;
    return first;
  }

  private void setRow(int r, double y, double tilt, double z) {
    rowY[r] = y;
    rowTilt[r] = Math.toRadians(tilt);
    rowZ[r] = z;
  }

  /** Where the ray that samples a crossing starts: inside the head or below the shoulders. */
  Vec origin(int row, int column) {
    if (row < shoulderRow) {
      return new Vec(0, rowY[row], rowZ[row]);
    }
    double r = rowY[row];
    double deep = NECK_EDGE + 0.28 * (r - NECK_EDGE);
    return new Vec(
        r * Math.sin(phi[column]), shoulderFloor, rowZ[row] - deep * Math.cos(phi[column]));
  }

  /** Direction of the ray of a crossing, unit length. */
  Vec ray(int row, int column) {
    if (row >= shoulderRow) {
      return new Vec(0, -1, 0);
    }
    double tilt = rowTilt[row];
    if (tilt > 0) { // under the chin only: beside the neck such a ray would meet the shoulder
      tilt *= Curves.smoothstep(-0.2, 0.9, Math.cos(phi[column]));
    }
    double flat = Math.cos(tilt);
    return new Vec(Math.sin(phi[column]) * flat, Math.sin(tilt), -Math.cos(phi[column]) * flat);
  }

  /** Length along a ray beyond which nothing of the head lies. */
  double reach(int row) {
    return row < shoulderRow ? 215 : 150;
  }

  int vertexCount() {
    return slitMouth + 2 * mouthCorner - 1;
  }

  /** The vertex of a crossing; on a slit, its upper rim. */
  int upper(int row, int column) {
    return row * columns + column;
  }

  /** The vertex of a crossing; inside a slit, its lower rim. */
  int lower(int row, int column) {
    int k = column - middle;
    if (row == mouthRow && Math.abs(k) < mouthCorner) {
      return slitMouth + k + mouthCorner - 1;
    }
    if (row == eyeRow && Math.abs(k) > eyeInner && Math.abs(k) < eyeOuter) {
      int n = eyeOuter - eyeInner - 1;
      return slitEyes + (k < 0 ? k + eyeOuter - 1 : n + k - eyeInner - 1);
    }
    return upper(row, column);
  }

  /** Triangle list, wound so that outward faces are front faces. */
  int[] triangles() {
    int[] tri = new int[(rows - 1) * (columns - 1) * 6];
    int n = 0;
    for (int r = 0; r + 1 < rows; r++) {
      for (int c = 0; c + 1 < columns; c++) {
        int a = lower(r, c);
        int b = lower(r, c + 1);
        int d = upper(r + 1, c);
        int e = upper(r + 1, c + 1);
        boolean mirrored = c < middle;
        tri[n++] = a;
        tri[n++] = mirrored ? d : e;
        tri[n++] = b;
        tri[n++] = mirrored ? b : a;
        tri[n++] = d;
        tri[n++] = e;
      }
    }
    return tri;
  }
}
