package org.likeness.faceset;

import java.util.ArrayList;
import java.util.List;

/** Faces by where they look (spec data.md 8.1): each non-empty bin holds indices of faces. */
record YawBins(List<int[]> bins) {
  static final int COUNT = 128;
  private static final double RANGE = 1.2; // beyond it detectors saturate

  static YawBins of(List<Face> faces) {
    List<List<Integer>> all = new ArrayList<>();
    for (int i = 0; i < COUNT; i++) {
      all.add(new ArrayList<>());
    }
    for (int i = 0; i < faces.size(); i++) {
      Face face = faces.get(i);
      all.get(bin(HeadPose.of(face.metadata().landmarks(), face.width()).yaw())).add(i);
    }
    return new YawBins(
        all.stream()
            .filter(bin -> !bin.isEmpty())
            .map(bin -> bin.stream().mapToInt(Integer::intValue).toArray())
            .toList());
  }

  /** 0..127 of a yaw; the outer two are open. */
  static int bin(double yaw) {
    double v = -yaw;
    int bin = 0;
    while (bin < COUNT - 1 && v >= -RANGE + (bin + 1) * 2 * RANGE / (COUNT - 1)) {
      bin++;
    }
    return bin;
  }

  /** Which face stands at {@code position}: all bins in random order, again and again. */
  int face(long position, Draws draws) {
    long round = position / bins.size();
    int bin = draws.binOrder(round, bins.size())[(int) (position % bins.size())];
    int[] faces = bins.get(bin);
    int[] order = draws.orderInBin(bin, round / faces.length, faces.length);
    return faces[order[(int) (round % faces.length)]];
  }
}
