package org.likeness.faceset.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.faceset.Affine;
import org.likeness.faceset.FaceType;

class HeadRendererTest {
  private static HeadRenderer leo;
  private static HeadRenderer omar;

  @BeforeAll
  static void build() {
    leo = new HeadRenderer(Cast.named("leo"));
    omar = new HeadRenderer(Cast.named("omar"));
  }

  private static Scene scene(Expression expression, Pose pose) {
    return new Scene(expression, pose, Camera.portrait(512), Light.STUDIO, new Background(1, 0.5));
  }

  private static Expression only(double jaw, double smile, double blinkLeft) {
    return new Expression(jaw, smile, 0, 0, 0, blinkLeft, 0, 0, 0);
  }

  @Test
  void theSameArgumentsGiveTheSameBytes() {
    Scene scene = SceneRanges.full().scene(2, 3);
    Affine crop = Alignment.crop(leo.landmarks(scene), FaceType.WHOLE_FACE, 96);
    RenderedHead once = leo.render(scene, crop, 96);
    RenderedHead again = new HeadRenderer(Cast.named("leo")).render(scene, crop, 96);
    assertArrayEquals(once.bgr(), again.bgr());
    assertArrayEquals(once.mask(), again.mask());
    for (int i = 0; i < 68; i++) {
      assertArrayEquals(once.landmarks()[i], again.landmarks()[i]);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7})
  void landmarksAreInTheOrderOfIbug(int index) {
    double[][] p = leo.landmarks(SceneRanges.easy().scene(8, index));
    for (int i = 4; i < 12; i++) { // higher up, the far side of a turned face runs back
      assertTrue(p[i + 1][0] > p[i][0], "jaw runs from image left to right at " + i);
    }
    for (int i = 17; i < 26; i++) {
      assertTrue(p[i + 1][0] > p[i][0], "brows run from image left to right at " + i);
    }
    for (int i = 27; i < 30; i++) {
      assertTrue(p[i + 1][1] > p[i][1], "the bridge of the nose runs down at " + i);
    }
    assertTrue(p[36][0] < p[39][0] && p[39][0] < p[42][0] && p[42][0] < p[45][0], "eyes");
    assertTrue(p[19][1] < p[37][1] && p[24][1] < p[44][1], "brows are above eyes");
    assertTrue(p[41][1] >= p[37][1] - 0.5 && p[46][1] >= p[44][1] - 0.5, "lids");
    assertTrue(Math.max(p[36][1], p[45][1]) < p[33][1] && p[33][1] < p[51][1], "eyes, nose, mouth");
    assertTrue(p[51][1] < p[57][1] && p[57][1] < p[8][1], "lips, chin");
    assertTrue(p[48][0] < p[60][0] && p[64][0] < p[54][0], "inner corners lie within outer ones");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void theMaskHoldsTheInnerFaceAndEndsAtTheJaw(int index) {
    Scene scene = SceneRanges.easy().scene(4, index);
    Affine crop = Alignment.crop(leo.landmarks(scene), FaceType.WHOLE_FACE, 256);
    RenderedHead head = leo.render(scene, crop, 256);
    double[][] p = head.landmarks();
    double cx = p[30][0];
    double cy = p[30][1];
    int inside = 0;
    for (int i = 0; i < 68; i++) {
      // a hair's breadth towards the nose: contour points lie on the edge of the mask itself
      double t = i < 17 ? 0.06 : 0.02;
      inside += masked(head, p[i][0] + (cx - p[i][0]) * t, p[i][1] + (cy - p[i][1]) * t) ? 1 : 0;
      if (i < 17 && i > 2 && i < 14) {
        double out = -0.12;
        assertTrue(
            !masked(head, p[i][0] + (cx - p[i][0]) * out, p[i][1] + (cy - p[i][1]) * out),
            "the mask goes beyond jaw landmark " + i);
      }
    }
    assertTrue(inside >= 67, "only " + inside + " of 68 landmarks lie on the face");
  }

  private static boolean masked(RenderedHead head, double x, double y) {
    int i = (int) Math.round(y) * head.size() + (int) Math.round(x);
    return (head.mask()[i] & 255) > 127;
  }

  @Test
  void aCropShowsWhatTheFrameShows() {
    Scene scene = scene(only(0.4, 0.3, 0), new Pose(20, 5, -8));
    double[][] frame = leo.landmarks(scene);
    Affine crop = Alignment.crop(frame, FaceType.FULL, 128);
    double[][] cropped = leo.render(scene, crop, 128).landmarks();
    for (int i = 0; i < 68; i++) {
      assertEquals(crop.x(frame[i][0], frame[i][1]), cropped[i][0], 1e-3, "x of " + i);
      assertEquals(crop.y(frame[i][0], frame[i][1]), cropped[i][1], 1e-3, "y of " + i);
    }
  }

  @Test
  void positiveYawPointsTheNoseToImageLeft() {
    double[][] p = leo.landmarks(scene(Expression.NEUTRAL, new Pose(30, 0, 0)));
    double left = p[30][0] - p[36][0];
    double right = p[45][0] - p[30][0];
    assertTrue(right > 2 * left, left + " against " + right);
  }

  @Test
  void positivePitchLooksUpAndPositiveRollTiltsClockwise() {
    double[][] up = leo.landmarks(scene(Expression.NEUTRAL, new Pose(0, 20, 0)));
    double[][] straight = leo.landmarks(scene(Expression.NEUTRAL, Pose.FRONTAL));
    assertTrue(up[30][1] < straight[30][1] - 10, "the nose rises");
    double[][] tilted = leo.landmarks(scene(Expression.NEUTRAL, new Pose(0, 0, 15)));
    assertTrue(tilted[45][1] > tilted[36][1] + 10, "the eye at image right sinks");
  }

  @Test
  void expressionsMoveTheLandmarksTheyShould() {
    double[][] rest = leo.landmarks(scene(Expression.NEUTRAL, Pose.FRONTAL));
    double[][] open = leo.landmarks(scene(only(1, 0, 0), Pose.FRONTAL));
    assertTrue(open[66][1] - open[62][1] > rest[66][1] - rest[62][1] + 15, "the mouth opens");
    assertTrue(open[8][1] > rest[8][1] + 8, "the chin follows");
    assertEquals(rest[37][1], open[37][1], 0.01, "the lids do not");
    double[][] wink = leo.landmarks(scene(only(0, 0, 1), Pose.FRONTAL));
    assertTrue(wink[41][1] - wink[37][1] < 1, "the eye at image left is shut");
    assertTrue(wink[46][1] - wink[44][1] > 6, "the other is open");
    double[][] smile = leo.landmarks(scene(only(0, 1, 0), Pose.FRONTAL));
    assertTrue(smile[54][0] > rest[54][0] + 3 && smile[54][1] < rest[54][1] - 3, "corners rise");
  }

  @Test
  void twoPeopleInOneSceneLookDifferentAndAreSeenFromOneCamera() {
    Scene scene = scene(only(0, 0.3, 0), new Pose(-10, 0, 0));
    Affine crop = Alignment.crop(omar.landmarks(scene), FaceType.WHOLE_FACE, 64);
    RenderedHead a = leo.render(scene, crop, 64);
    RenderedHead b = omar.render(scene, crop, 64);
    double difference = 0;
    int shared = 0;
    for (int i = 0; i < 64 * 64; i++) {
      if (a.mask()[i] == -1 && b.mask()[i] == -1) {
        for (int k = 0; k < 3; k++) {
          difference += Math.abs((a.bgr()[3 * i + k] & 255) - (b.bgr()[3 * i + k] & 255)) / 3.0;
        }
        shared++;
      }
    }
    assertTrue(shared > 800, "faces overlap in " + shared + " pixels");
    assertTrue(difference / shared > 25, "mean difference " + difference / shared + " of 255");
    assertEquals(b.landmarks()[30][0], a.landmarks()[30][0], 3, "noses are in one place");
  }
}
