package org.likeness.faceset.synthetic;

import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.likeness.faceset.Affine;
import org.likeness.faceset.FaceType;

/**
 * A picture of several people at a glance: each at rest and then turned, smiling, in other light.
 */
public final class ContactSheet {
  private static final int COLUMNS = 4;
  private static final float QUALITY = 0.93f;

  private ContactSheet() {}

  /** Writes a new JPG, two squares of {@code cell} pixels per person, four squares a row. */
  public static void write(Path jpg, List<Identity> people, int cell) throws IOException {
    int rows = (2 * people.size() + COLUMNS - 1) / COLUMNS;
    BufferedImage sheet =
        new BufferedImage(COLUMNS * cell, rows * cell, BufferedImage.TYPE_INT_RGB);
    Graphics2D graphics = sheet.createGraphics();
    for (int i = 0; i < 2 * people.size(); i += 2) {
      HeadRenderer who = new HeadRenderer(people.get(i / 2));
      for (int k = 0; k < 2; k++) {
        Scene scene = scene(i + k, who.identity().seed());
        Affine crop = Alignment.crop(who.landmarks(scene), FaceType.WHOLE_FACE, cell);
        graphics.drawImage(
            Pictures.image(who.render(scene, crop, cell)),
            (i + k) % COLUMNS * cell,
            (i + k) / COLUMNS * cell,
            null);
      }
    }
    graphics.dispose();
    Pictures.writeNew(jpg, Pictures.jpg(sheet, QUALITY));
  }

  private static Scene scene(int cell, long seed) {
    if (cell % 2 == 0) {
      return new Scene(
          Expression.NEUTRAL,
          Pose.FRONTAL,
          Camera.portrait(512),
          Light.STUDIO,
          new Background(seed, 0.4));
    }
    double side = cell % COLUMNS == 1 ? -1 : 1;
    return new Scene(
        new Expression(0.2, 0.8, 0, 0.2, 0, 0, 0, 0.4 * side, 0),
        new Pose(30 * side, 4, 3),
        Camera.portrait(512),
        new Light(40 * side, 25, 1, 1, 0.4),
        new Background(seed + 1, 0.6));
  }
}
