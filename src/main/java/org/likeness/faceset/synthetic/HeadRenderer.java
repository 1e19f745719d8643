package org.likeness.faceset.synthetic;

import java.util.ArrayList;
import java.util.List;
import org.likeness.faceset.Affine;

/**
 * Draws one identity in any {@link Scene}: the picture, its 68 landmarks and the exact mask of the
 * face. Thread-safe; the same arguments always give the same bytes.
 */
public final class HeadRenderer {
  private static final Affine WHOLE_FRAME = new Affine(1, 0, 0, 0, 1, 0);
  private static final int SMALL = 128; // pixels a side, below which thin hairs need more samples

  private final HeadModel model;

  /** Builds the head of an identity; takes a fraction of a second. */
  public HeadRenderer(Identity identity) {
    model = new HeadModel(identity);
  }

  /** Whom this renderer draws. */
  public Identity identity() {
    return model.id;
  }

  /** The 68 iBUG landmarks (68, 2) in pixels of the scene's frame. */
  public double[][] landmarks(Scene scene) {
    Stage stage = new Stage(scene.pose(), scene.camera(), WHOLE_FRAME, model.at.chinY());
    return landmarks(stage, Part.of(model.assemble(scene.expression()).getFirst(), stage));
  }

  /** The whole frame of a scene. */
  public RenderedHead render(Scene scene) {
    return render(scene, WHOLE_FRAME, scene.camera().frame());
  }

  /**
   * A scene seen through a crop: {@code crop} maps frame pixels to pixels of the square result of
   * side {@code size}. Nothing is resampled: the camera looks through the crop.
   */
  public RenderedHead render(Scene scene, Affine crop, int size) {
    int samples = size <= SMALL ? 4 : 2;
    int n = size * samples;
    double shift = (samples - 1) / 2.0;
    Affine sampled =
        new Affine(
            crop.m00() * samples,
            crop.m01() * samples,
            crop.m02() * samples + shift,
            crop.m10() * samples,
            crop.m11() * samples,
            crop.m12() * samples + shift);
    Stage stage = new Stage(scene.pose(), scene.camera(), sampled, model.at.chinY());
    List<Mesh> meshes = model.assemble(scene.expression());
    List<Part> parts = new ArrayList<>();
    VisibilityBuffer buffer = new VisibilityBuffer(n, n);
    for (Mesh m : meshes) {
      Part p = Part.of(m, stage);
      buffer.draw(parts.size(), p.screen(), p.view(), m.triangles(), m.material().twoSided);
      parts.add(p);
    }
    DepthMap shadows =
        DepthMap.of(scene.light().direction(), parts.stream().map(Part::view).toList(), meshes);
    Background.Painting behind = new Background.Painting(scene.background());
    Lighting light = new Lighting(scene.light(), behind.mean(), shadows);
    Shader shader = new Shader(model, light, stage, scene.expression(), samples);
    Picture picture = new Picture(size, samples, buffer, parts, shader);
    picture.develop(behind, crop.inverse(), scene.camera().frame());
    double[][] marks = landmarks(stage, parts.getFirst());
    for (double[] p : marks) {
      p[0] = (p[0] - shift) / samples;
      p[1] = (p[1] - shift) / samples;
    }
    return new RenderedHead(size, picture.bgr(), picture.mask(), marks);
  }

  private double[][] landmarks(Stage stage, Part skin) {
    float[] screen = stage.toScreen(model.places.onSkin(skin.view(), skin.normal()));
    double[][] out = new double[LandmarkPlaces.COUNT][2];
    for (int i = 0; i < out.length; i++) {
      out[i][0] = screen[2 * i];
      out[i][1] = screen[2 * i + 1];
    }
    return out;
  }
}
