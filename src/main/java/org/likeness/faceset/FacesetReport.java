package org.likeness.faceset;

import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.global.opencv_imgproc;
import org.bytedeco.opencv.opencv_core.Mat;
import org.likeness.format.FormatException;

/**
 * What a faceset holds. {@code sizes} and {@code types} count faces; {@code yaw} and {@code pitch}
 * // (12) count faces in steps of 15 degrees from -90; {@code duplicates} are groups of names with
 * the same picture; {@code blurry} are far less sharp than most.
 */
public record FacesetReport(
    Faceset faceset,
    Map<String, Integer> sizes,
    Map<String, Integer> types,
    int[] yaw,
    int[] pitch,
    int masks,
    List<List<String>> duplicates,
    List<String> blurry,
    List<SkippedFace> broken) {
  private static final int BINS = 12;
  private static final double BLURRY = 0.2; // of the median sharpness

  /** One face, looked at. */
  private record Seen(Face face, HeadPose pose, String digest, double sharpness, String failure) {}

  /** Reads and decodes every face. */
  public static FacesetReport of(Faceset faceset) {
    List<Seen> all = faceset.faces().parallelStream().map(FacesetReport::see).toList();
    Map<String, Integer> sizes = new TreeMap<>();
    Map<String, Integer> types = new TreeMap<>();
    int[] yaw = new int[BINS];
    int[] pitch = new int[BINS];
    int masks = 0;
    List<SkippedFace> broken = new ArrayList<>(faceset.skipped());
    Map<String, List<String>> same = new LinkedHashMap<>();
    for (Seen seen : all) {
      Face face = seen.face;
      sizes.merge(face.width() + "x" + face.height(), 1, Integer::sum);
      types.merge(face.metadata().type().word(), 1, Integer::sum);
      yaw[bin(seen.pose.yaw())]++;
      pitch[bin(seen.pose.pitch())]++;
      masks += face.metadata().xsegMask() != null ? 1 : 0;
      if (seen.failure != null) {
        broken.add(new SkippedFace(face.name(), seen.failure));
      } else {
        same.computeIfAbsent(seen.digest, _ -> new ArrayList<>()).add(face.name());
      }
    }
    List<List<String>> duplicates = same.values().stream().filter(g -> g.size() > 1).toList();
    return new FacesetReport(
        faceset, sizes, types, yaw, pitch, masks, duplicates, blurry(all), List.copyOf(broken));
  }

  private static int bin(double angle) {
    return Math.clamp((int) Math.floor((angle / Math.PI + 0.5) * BINS), 0, BINS - 1);
  }

  private static Seen see(Face face) {
    HeadPose pose = HeadPose.of(face.metadata().landmarks(), face.width());
    try {
      OpenCv.Pixels pixels = OpenCv.decodeColour(face.jpg());
      return new Seen(face, pose, digest(pixels.bytes()), sharpness(face), null);
    } catch (FormatException e) {
      return new Seen(face, pose, null, Double.NaN, e.getMessage());
    } catch (IOException e) {
      return new Seen(
          face, pose, null, Double.NaN, "cannot be read: " + FacesetException.reason(e));
    }
  }

  private static String digest(byte[] pixels) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(pixels));
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java has SHA-256", e);
    }
  }

  /** Variance of the Laplacian of the crop from brows to chin at 128 px. */
  private static double sharpness(Face face) throws IOException {
    SampleSettings settings =
        new SampleSettings(128, FaceType.FULL, false, false, Dialect.OG, false);
    float[] image = PreparedFace.of(face, settings).image().values();
    Canvas canvas = new Canvas(128);
    try (Mat laplacian = new Mat();
        Mat mean = new Mat();
        Mat deviation = new Mat()) {
      opencv_imgproc.Laplacian(canvas.floats(image), laplacian, opencv_core.CV_32F);
      opencv_core.meanStdDev(laplacian, mean, deviation);
      double d = new DoublePointer(deviation.data()).get(1); // of green
      return d * d;
    }
  }

  private static List<String> blurry(List<Seen> all) {
    double[] sorted =
        all.stream().mapToDouble(Seen::sharpness).filter(s -> !Double.isNaN(s)).sorted().toArray();
    if (sorted.length == 0) {
      return List.of();
    }
    double least = BLURRY * sorted[sorted.length / 2];
    return all.stream().filter(s -> s.sharpness < least).map(s -> s.face.name()).toList();
  }

  /** Left edges of the histograms' bins in degrees. */
  public static int[] binEdges() {
    int[] edges = new int[BINS];
    Arrays.setAll(edges, i -> -90 + i * 180 / BINS);
    return edges;
  }
}
