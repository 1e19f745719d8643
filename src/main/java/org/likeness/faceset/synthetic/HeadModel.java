package org.likeness.faceset.synthetic;

import java.util.ArrayList;
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
  private float[] skinOpenness;

  HeadModel(Identity id) {
    this.id = id;
    at = Layout.of(id);
    chart = new Chart(at);
    HeadField field = new HeadField(id, at);
    Sculptor sculptor = new Sculptor(id, at, chart, field);
    float[] sculpted = sculptor.sculpt();
    rig = new Rig(id, at, chart, sculpted);
    skin = new SkinPainter(id, at, chart, sculptor, sculpted).paint();
    places = new LandmarkPlaces(id, at, chart, sculptor, sculpted);
    earTone = Colour.linear(id.skin().tone());
    earTone[1] *= 0.86f;
    earTone[2] *= 0.84f;
    skinUv = skinUv();
    skinTriangles = chart.triangles();
    eyes = new EyeParts(id, at, chart);
    mouth = new MouthParts(at, chart, rig.rest());
    still.add(Ears.build(at, field, -1));
    still.add(Ears.build(at, field, 1));
    still.addAll(new HairBuilder(id, at, field).build(chart, rig.rest()));
    bakeOpenness();
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
    List<float[]> open = Occlusion.bake(all);
    skinOpenness = open.getFirst();
    for (int i = 0; i < still.size(); i++) {
      still.set(i, still.get(i).withOpenness(open.get(i + 1)));
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
    parts.addAll(still);
    return parts;
  }
}
