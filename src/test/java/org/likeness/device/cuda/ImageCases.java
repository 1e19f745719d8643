package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.device.OpCases.Case;
import org.likeness.graph.Image;
import org.likeness.graph.Op;
import org.likeness.graph.Shape;

/** Image operations whose sizes are awkward for the kernels' tiles. */
final class ImageCases {
  private ImageCases() {}

  static List<Case> all() {
    List<Case> cases = new ArrayList<>();
    cases.addAll(blurs());
    cases.addAll(similarities());
    cases.addAll(rows());
    return cases;
  }

  /** Both ways to blur: below and above 33 taps, tiles of 32 and of 64. */
  static List<Case> blurs() {
    List<Case> cases = new ArrayList<>();
    int[] taps = {1, 3, 9, 23, 33};
    Shape[] small = {
      Shape.of(1, 1, 1, 1),
      Shape.of(2, 5, 9, 3),
      Shape.of(1, 33, 7, 1),
      Shape.of(1, 3, 65, 2),
      Shape.of(1, 64, 32, 1)
    };
    for (int i = 0; i < taps.length; i++) {
      cases.add(new Case(new Image.GaussianBlur(taps[i] / 4.0, taps[i]), small[i]));
    }
    int[] many = {35, 65, 129, 353};
    Shape[] large = {
      Shape.of(1, 1, 1, 1), Shape.of(2, 7, 66, 3), Shape.of(1, 67, 33, 1), Shape.of(1, 3, 5, 1)
    };
    for (int i = 0; i < many.length; i++) {
      cases.add(new Case(new Image.GaussianBlur(many[i] / 4.0, many[i]), large[i]));
    }
    return cases;
  }

  /** Few, most and cut taps; even and odd; one window, one tile, a window more than a tile. */
  static List<Case> similarities() {
    List<Case> cases = new ArrayList<>();
    int[] taps = {1, 2, 5, 11, 12, 17, 24, 35};
    Shape[] shapes = {
      Shape.of(1, 1, 1, 1),
      Shape.of(2, 2, 9, 3),
      Shape.of(1, 9, 50, 1),
      Shape.of(1, 11, 11, 3),
      Shape.of(1, 56, 13, 1),
      Shape.of(2, 17, 28, 2),
      Shape.of(1, 24, 25, 1),
      Shape.of(1, 40, 36, 1)
    };
    for (int i = 0; i < taps.length; i++) {
      Shape s = shapes[i];
      Image.Ssim op = Image.Ssim.of(taps[i]);
      cases.add(new Case(op, List.of(s, s), 0, 1));
      Shape means = Shape.of(s.n(), s.c());
      cases.add(new Case(new Image.SsimGrad(op), List.of(s, s, means, means), 0, 1));
    }
    return cases;
  }

  /** Rows of a multiple of 16 bytes and others, shorter and longer than a block. */
  static List<Case> rows() {
    List<Case> cases = new ArrayList<>();
    for (Shape s :
        List.of(
            Shape.of(1, 1, 1, 1),
            Shape.of(2, 3, 5, 3),
            Shape.of(1, 4, 8, 3),
            Shape.of(1, 2, 86, 4),
            Shape.of(1, 3, 700, 3))) {
      cases.add(new Case(new Image.CentreWeight(1.5), s));
      cases.add(new Case(new Image.AveragePool2Grad(), s));
    }
    for (Shape s : List.of(Shape.of(1, 2, 2, 1), Shape.of(2, 4, 6, 3), Shape.of(1, 2, 700, 3))) {
      Op pool = new Image.AveragePool2();
      cases.add(new Case(pool, s));
    }
    return cases;
  }
}
