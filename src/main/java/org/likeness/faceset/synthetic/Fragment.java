package org.likeness.faceset.synthetic;

/** The surface under one sample, interpolated from its triangle. Reused: nothing is allocated. */
final class Fragment {
  float x; // view space, millimetres
  float y;
  float z;
  float nx; // unit normal, turned to the viewer
  float ny;
  float nz;
  float vx; // unit vector to the viewer
  float vy;
  float vz;
  float tx; // strand direction of hair
  float ty;
  float tz;
  float u;
  float v;
  float open;

  void interpolate(Part part, int triangle, float sx, float sy) {
    int[] tri = part.mesh().triangles();
    int a = tri[3 * triangle];
    int b = tri[3 * triangle + 1];
    int c = tri[3 * triangle + 2];
    float[] s = part.screen();
    float ax = s[2 * a];
    float ay = s[2 * a + 1];
    float bx = s[2 * b] - ax;
    float by = s[2 * b + 1] - ay;
    float cx = s[2 * c] - ax;
    float cy = s[2 * c + 1] - ay;
    float inv = 1 / (cx * by - bx * cy);
    float wb = ((sy - ay) * cx - (sx - ax) * cy) * inv;
    float wc = ((sx - ax) * by - (sy - ay) * bx) * inv;
    float wa = 1 - wb - wc;
    int a3 = 3 * a;
    int b3 = 3 * b;
    int c3 = 3 * c;
    float[] p = part.view();
    x = wa * p[a3] + wb * p[b3] + wc * p[c3];
    y = wa * p[a3 + 1] + wb * p[b3 + 1] + wc * p[c3 + 1];
    z = wa * p[a3 + 2] + wb * p[b3 + 2] + wc * p[c3 + 2];
    float[] n = part.normal();
    nx = wa * n[a3] + wb * n[b3] + wc * n[c3];
    ny = wa * n[a3 + 1] + wb * n[b3 + 1] + wc * n[c3 + 1];
    nz = wa * n[a3 + 2] + wb * n[b3 + 2] + wc * n[c3 + 2];
    float[] t = part.mesh().uv();
    u = wa * t[2 * a] + wb * t[2 * b] + wc * t[2 * c];
    v = wa * t[2 * a + 1] + wb * t[2 * b + 1] + wc * t[2 * c + 1];
    float[] o = part.mesh().openness();
    open = wa * o[a] + wb * o[b] + wc * o[c];
    float[] g = part.tangent();
    if (g != null) {
      tx = wa * g[a3] + wb * g[b3] + wc * g[c3];
      ty = wa * g[a3 + 1] + wb * g[b3 + 1] + wc * g[c3 + 1];
      tz = wa * g[a3 + 2] + wb * g[b3 + 2] + wc * g[c3 + 2];
    }
    orient();
  }

  private void orient() {
    float d = z + (float) Camera.DISTANCE;
    float inv = -1 / (float) Math.sqrt(x * x + y * y + d * d);
    vx = x * inv;
    vy = y * inv;
    vz = d * inv;
    float l = 1 / (float) Math.sqrt(nx * nx + ny * ny + nz * nz + 1e-20f);
    if (nx * vx + ny * vy + nz * vz < 0) {
      l = -l;
    }
    nx *= l;
    ny *= l;
    nz *= l;
  }
}
