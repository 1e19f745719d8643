package org.likeness.faceset;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.likeness.format.FormatException;
import org.likeness.format.NdArray;

/**
 * The dictionary of an aligned JPG or a pak's entry to and from {@link AlignedFace} (spec data.md
 * 1.5, 2).
 */
final class FaceMetadata {
  private static final int FARTHEST = 4; // pictures away that a landmark may lie
  private static final int MOST_NUMBERS = 1_000_000;
  private static final double LARGEST_BROW_MOD = 10;

  private final Map<?, ?> entries;

  private FaceMetadata(Map<?, ?> entries) {
    this.entries = entries;
  }

  /**
   * Checks an unpickled value for a picture of that size; a FormatException's message is a
   * predicate.
   */
  static AlignedFace read(Object value, int width, int height) throws FormatException {
    if (!(value instanceof Map<?, ?> map)) {
      throw new FormatException("has metadata that are not a dictionary");
    }
    if (map.isEmpty()) {
      throw new FormatException("has no metadata: it is not an aligned face of DeepFaceLab");
    }
    return new FaceMetadata(map).face(width, height);
  }

  private AlignedFace face(int width, int height) throws FormatException {
    FaceType type = faceType();
    Landmarks landmarks = landmarks();
    for (int i = 0; i < Landmarks.COUNT; i++) {
      double far = FARTHEST * Math.max(width, height);
      if (Math.abs(landmarks.x(i)) > far || Math.abs(landmarks.y(i)) > far) {
        throw new FormatException(
            String.format(
                Locale.ROOT,
                "has landmark %d at (%.4g, %.4g), far outside its %d x %d picture",
                i,
                landmarks.x(i),
                landmarks.y(i),
                width,
                height));
      }
    }
    FaceFit.requireFace(landmarks);
    return new AlignedFace(type, landmarks, browMod(), xsegMask(), polygons(), source());
  }

  private FaceType faceType() throws FormatException {
    return switch (entries.get("face_type")) {
      case null -> FaceType.FULL;
      case String word ->
          FaceType.ofWord(word)
              .orElseThrow(
                  () -> new FormatException("has the unknown face type '" + shown(word) + "'"));
      case Long id ->
          FaceType.ofId(id)
              .orElseThrow(() -> new FormatException("has the unknown face type " + id));
      default -> throw new FormatException("has a face type that is not text");
    };
  }

  private static String shown(String text) {
    return (text.length() > 40 ? text.substring(0, 40) : text).replaceAll("\\p{Cntrl}", "?");
  }

  private Landmarks landmarks() throws FormatException {
    if (entries.get("landmarks") == null) {
      throw new FormatException("has no landmarks");
    }
    double[] xy = points(entries.get("landmarks"));
    if (xy == null) {
      throw new FormatException("has landmarks that are not pairs of numbers");
    }
    try {
      return new Landmarks(xy);
    } catch (IllegalArgumentException e) {
      throw new FormatException(e.getMessage());
    }
  }

  private double browMod() throws FormatException {
    return switch (entries.get("eyebrows_expand_mod")) {
      case null -> 1;
      case Number mod when Math.abs(mod.doubleValue()) <= LARGEST_BROW_MOD -> mod.doubleValue();
      default -> throw new FormatException("has an eyebrows_expand_mod that is not a small number");
    };
  }

  private byte[] xsegMask() throws FormatException {
    Object mask = entries.get("xseg_mask_compressed"); // a pak's name for it
    if (mask == null) {
      mask = entries.get("xseg_mask");
    }
    byte[] encoded =
        switch (mask) {
          case null -> null;
          case NdArray array when array.type().equals("u1") -> array.bytes();
          case MemorySegment bytes -> bytes.toArray(JAVA_BYTE);
          default -> throw new FormatException("has an XSeg mask that is not bytes");
        };
    if (encoded != null) {
      XsegMask.decode(encoded);
    }
    return encoded;
  }

  /** {@code {'polys': [{'type': 0|1, 'pts': ...}]}}, or the older list of (type, pts). */
  private List<SegPolygon> polygons() throws FormatException {
    Object value = entries.get("seg_ie_polys");
    Object list = value instanceof Map<?, ?> map ? map.get("polys") : value;
    if (list == null) {
      return List.of();
    }
    List<SegPolygon> polygons = new ArrayList<>();
    if (list instanceof List<?> items) {
      for (Object item : items) {
        polygons.add(polygon(item));
      }
      return Stream.of(true, false) // the order in which they are drawn
          .flatMap(include -> polygons.stream().filter(p -> p.include() == include))
          .toList();
    }
    throw new FormatException("has XSeg polygons that are not a list");
  }

  private static SegPolygon polygon(Object item) throws FormatException {
    Object type = null;
    double[] xy = null;
    if (item instanceof Map<?, ?> map) {
      type = map.get("type");
      xy = points(map.get("pts"));
    } else if (item instanceof List<?> pair && pair.size() == 2) {
      type = pair.get(0);
      xy = points(pair.get(1));
    }
    if (!(type instanceof Long id) || id < 0 || id > 1 || xy == null) {
      throw new FormatException("has a malformed XSeg polygon");
    }
    return new SegPolygon(id == 1, xy);
  }

  private SourceFrame source() {
    String filename = entries.get("source_filename") instanceof String name ? name : null;
    double[] rect = numbers(entries.get("source_rect"));
    double[] xy = points(entries.get("source_landmarks"));
    double[] mat = numbers(entries.get("image_to_face_mat"));
    Landmarks landmarks = null;
    if (xy != null && xy.length == 2 * Landmarks.COUNT && finite(xy)) {
      landmarks = new Landmarks(xy);
    }
    Affine toFace = null;
    if (mat != null && mat.length == 6 && finite(mat)) {
      toFace = new Affine(mat[0], mat[1], mat[2], mat[3], mat[4], mat[5]);
    }
    return new SourceFrame(
        filename, rect != null && rect.length == 4 ? rect : null, landmarks, toFace);
  }

  private static boolean finite(double[] values) {
    for (double v : values) {
      if (!Double.isFinite(v)) {
        return false;
      }
    }
    return true;
  }

  /** An (n, 2) array or a list of pairs, flattened; null if it is anything else. */
  private static double[] points(Object value) {
    boolean pairs =
        switch (value) {
          case NdArray array -> array.shape().length == 2 && array.shape()[1] == 2;
          case List<?> list -> list.stream().allMatch(FaceMetadata::isPair);
          case null, default -> false;
        };
    return pairs ? numbers(value) : null;
  }

  private static boolean isPair(Object item) {
    return switch (item) {
      case List<?> pair -> pair.size() == 2;
      case NdArray pair -> pair.size() == 2;
      case null, default -> false;
    };
  }

  /**
   * Every number of an array or of lists nested at most twice, in order; null if anything is not.
   */
  private static double[] numbers(Object value) {
    if (value instanceof NdArray array) {
      return array.size() <= MOST_NUMBERS ? array.doubles() : null;
    }
    if (!(value instanceof List<?> list)) {
      return null;
    }
    List<Double> numbers = new ArrayList<>();
    for (Object item : list) {
      switch (item) {
        case Number number -> numbers.add(number.doubleValue());
        case NdArray array when array.size() <= 2 -> {
          for (double v : array.doubles()) {
            numbers.add(v);
          }
        }
        case List<?> inner when inner.stream().allMatch(Number.class::isInstance) ->
            inner.forEach(number -> numbers.add(((Number) number).doubleValue()));
        case null, default -> {
          return null;
        }
      }
    }
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** The dictionary to pickle into an aligned JPG; what is unknown is left out. */
  static Map<String, Object> write(AlignedFace face) {
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("face_type", face.type().word());
    entries.put("landmarks", pairs(face.landmarks().xy()));
    SourceFrame source = face.source();
    if (source.filename() != null) {
      entries.put("source_filename", source.filename());
    }
    if (source.rect() != null) {
      List<Long> rect = new ArrayList<>();
      for (double v : source.rect()) {
        rect.add(Math.round(v));
      }
      entries.put("source_rect", rect);
    }
    if (source.landmarks() != null) {
      entries.put("source_landmarks", pairs(source.landmarks().xy()));
    }
    if (source.toFace() != null) {
      Affine m = source.toFace();
      double[] values = {m.m00(), m.m01(), m.m02(), m.m10(), m.m11(), m.m12()};
      entries.put("image_to_face_mat", NdArray.of(values, 2, 3));
    }
    if (face.eyebrowsExpandMod() != 1) {
      entries.put("eyebrows_expand_mod", face.eyebrowsExpandMod());
    }
    if (face.xsegMask() != null) {
      entries.put("xseg_mask", NdArray.of(face.xsegMask()));
    }
    if (!face.polygons().isEmpty()) {
      entries.put(
          "seg_ie_polys",
          Map.of("polys", face.polygons().stream().map(FaceMetadata::polygonEntries).toList()));
    }
    return entries;
  }

  private static Map<String, Object> polygonEntries(SegPolygon polygon) {
    float[] xy = new float[polygon.xy().length];
    for (int i = 0; i < xy.length; i++) {
      xy[i] = (float) polygon.xy()[i];
    }
    Map<String, Object> entries = new LinkedHashMap<>();
    entries.put("type", polygon.include() ? 1 : 0);
    entries.put("pts", NdArray.of(xy, xy.length / 2, 2));
    return entries;
  }

  private static List<List<Double>> pairs(double[] xy) {
    List<List<Double>> pairs = new ArrayList<>();
    for (int i = 0; i < xy.length; i += 2) {
      pairs.add(List.of(xy[i], xy[i + 1]));
    }
    return pairs;
  }
}
