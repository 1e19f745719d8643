package org.likeness.faceset.synthetic;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Everything about one identity that no scene changes: sculpture, rig, paint, hair, occlusion. */
final class HeadModel {
  final Identity id;
  final Layout at;
  final Chart chart;
  final Rig rig;
  final Texture skin;
  final LandmarkPlaces places;
  final float[] earTone;
  private final float[] skinUv;
  private final int[] skinTriangles;
  private final EyeParts eyes;
  private final MouthParts mouth;
  private final List<Mesh> still = new ArrayList<>();
  private Beard beard; // or null
  private float[] skinOpenness;
  final FaceRegion region;

  HeadModel(Identity id) {
    this.id = id;
    at = Layout.of(id);
    HeadField field = new HeadField(id, at);
    chart = new Chart(at, field);
    Sculptor sculptor = new Sculptor(id, at, chart, field);
    float[] sculpted = sculptor.sculpt();
    rig = new Rig(id, at, chart, sculpted);
    skin = new SkinPainter(id, at, chart, sculptor, sculpted).paint();
    places = new LandmarkPlaces(id, at, chart, sculptor, sculpted);
    region = new FaceRegion(id, at, chart, sculpted, places.jawLine());
    earTone = Colour.skin(id.skin().tone());
    earTone[1] *= 0.86f;
    earTone[2] *= 0.84f;
    skinUv = skinUv();
    skinTriangles = uncovered(chart.triangles(), sculpted);
    eyes = new EyeParts(id, at, chart);
    mouth = new MouthParts(at, chart, rig.rest());
    still.add(Ears.build(at, field, -1));
    still.add(Ears.build(at, field, 1));
    beard = Beard.grow(id, at, chart, field, rig.rest());
    if (id.extras().glasses()) {
      still.addAll(Glasses.build(at, field));
    }
    still.addAll(new HairBuilder(id, at, field).build(chart, rig.rest()));
    bakeOpenness();
  }

  /** The triangles that no closed cap of hair hides. */
  private int[] uncovered(int[] tri, float[] p) {
    if (id.hair().style() == Identity.HairStyle.BALD
        || id.hair().style() == Identity.HairStyle.BUZZ) {
      return tri;
    }
    Hairline hairline = new Hairline(id, at);
    boolean[] hidden = new boolean[chart.vertexCount()];
    for (int v = 0; v < chart.rows * chart.columns; v++) {
      hidden[v] = hairline.density(p[3 * v], p[3 * v + 1], p[3 * v + 2]) > 0.98;
    }
    int[] out = new int[tri.length];
    int n = 0;
    for (int t = 0; t < tri.length; t += 3) {
      if (!(hidden[tri[t]] && hidden[tri[t + 1]] && hidden[tri[t + 2]])) {
        System.arraycopy(tri, t, out, n, 3);
        n += 3;
      }
    }
    return Arrays.copyOf(out, n);
  }

  private float[] skinUv() {
    float[] uv = new float[2 * chart.vertexCount()];
    for (int r = 0; r < chart.rows; r++) {
      for (int c = 0; c < chart.columns; c++) {
        for (int v : new int[] {chart.upper(r, c), chart.lower(r, c)}) {
          uv[2 * v] = chart.u[c];
          uv[2 * v + 1] = chart.v[r];
        }
      }
    }
    return uv;
  }

  private void bakeOpenness() {
    float[] rest = rig.pose(Expression.NEUTRAL);
    List<Mesh> all = new ArrayList<>();
    all.add(Mesh.of(Material.SKIN, rest, skinUv, skinTriangles));
    all.addAll(still);
    if (beard != null) {
      all.add(beard.atRest());
    }
    List<float[]> open = Occlusion.bake(all);
    skinOpenness = open.getFirst();
    for (int i = 0; i < still.size(); i++) {
      still.set(i, still.get(i).withOpenness(open.get(i + 1)));
    }
    if (beard != null) {
      beard = beard.withOpenness(open.getLast());
    }
  }

  /** All parts in head space under an expression; the first is the skin. */
  List<Mesh> assemble(Expression e) {
    float[] p = rig.pose(e);
    List<Mesh> parts = new ArrayList<>();
    parts.add(
        new Mesh(
            Material.SKIN,
            p,
            Mesh.normals(p, skinTriangles),
            skinUv,
            skinOpenness,
            null,
            skinTriangles));
    parts.addAll(eyes.build(p, -1, e.blinkLeft()));
    parts.addAll(eyes.build(p, 1, e.blinkRight()));
    if (e.jawOpen() > 0 || e.smile() != 0 || e.pucker() > 0) {
      parts.addAll(mouth.build(p, e));
    }
    if (beard != null) {
      parts.add(beard.on(p));
    }
    parts.addAll(still);
    return parts;
  }
}
