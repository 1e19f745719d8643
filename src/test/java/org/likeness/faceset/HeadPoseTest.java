package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.likeness.format.SafetensorsFile;

class HeadPoseTest {
  private static final double LEAST_SQUARES = 5e-7; // radians, where the iterations end

  @Test
  void looksWhereTheOriginalSays() throws IOException {
    try (SafetensorsFile golden = Golden.open("geometry")) {
      check(golden, "landmarks", "pitch_yaw_roll_aligned", 256);
      check(golden, "source_landmarks", "pitch_yaw_roll_source512", 512);
    }
  }

  private static void check(SafetensorsFile golden, String points, String poses, int width)
      throws IOException {
    double[] landmarks = golden.tensor(points).doubles();
    double[] expected = golden.tensor(poses).doubles();
    for (int i = 0; i < Golden.FACES.length; i++) {
      HeadPose pose = HeadPose.of(Golden.landmarks(landmarks, i), width);
      assertArrayEquals(
          Arrays.copyOfRange(expected, 3 * i, 3 * i + 3),
          new double[] {pose.pitch(), pose.yaw(), pose.roll()},
          LEAST_SQUARES,
          poses + " " + Golden.FACES[i]);
    }
  }

  @Test
  void binsByYawLikeTheOriginal() throws IOException {
    try (SafetensorsFile golden = Golden.open("geometry")) {
      double[] poses = golden.tensor("pitch_yaw_roll_all").doubles();
      long[] bins = golden.tensor("uniform_yaw_bin_src").longs();
      for (int i = 0; i < bins.length; i++) {
        assertEquals(bins[i], YawBins.bin(poses[3 * i + 1]), "src face " + i);
      }
    }
    assertEquals(0, YawBins.bin(1.5));
    assertEquals(127, YawBins.bin(-1.5));
  }

  @Test
  void showsEveryDirectionEquallyOften() {
    YawBins bins = new YawBins(List.of(new int[] {0}, new int[] {1, 2, 3}, new int[] {4, 5}));
    Draws draws = new Draws(3, Side.SRC);
    int[] seen = new int[6];
    for (int position = 0; position < 180; position++) {
      seen[bins.face(position, draws)]++;
    }
    assertArrayEquals(new int[] {60, 20, 20, 20, 30, 30}, seen);
  }
}
