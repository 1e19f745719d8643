package org.likeness.format;

import java.util.HashMap;
import java.util.Map;

/**
 * Everything that a pickle of DeepFaceLab may name (spec data.md 1.6), and nothing else. Nothing is
 * looked up or called by name: each entry is a case of {@link PickleReader}.
 */
enum PickleGlobal {
  RECONSTRUCT,
  SCALAR,
  FROM_BUFFER,
  NDARRAY,
  DTYPE,
  FACE_TYPE,
  SAMPLE_TYPE,
  POLYGON_TYPE,
  GETATTR,
  ENCODE;

  private record Name(String module, String name) {}

  private static final Map<Name, PickleGlobal> ALLOWED = new HashMap<>();
  private static final Map<PickleGlobal, Map<String, Long>> MEMBERS =
      Map.of(
          FACE_TYPE,
          Map.ofEntries(
              Map.entry("HALF", 0L),
              Map.entry("MID_FULL", 1L),
              Map.entry("FULL", 2L),
              Map.entry("FULL_NO_ALIGN", 3L),
              Map.entry("WHOLE_FACE", 4L),
              Map.entry("CUSTOM", 5L),
              Map.entry("HEAD", 10L),
              Map.entry("HEAD_NO_ALIGN", 20L),
              Map.entry("MARK_ONLY", 100L)),
          SAMPLE_TYPE,
          Map.of("FACE", 1L, "FACE_BEGIN", 1L),
          POLYGON_TYPE,
          Map.of("EXCLUDE", 0L, "INCLUDE", 1L));

  static {
    for (String core : new String[] {"numpy.core", "numpy._core"}) {
      ALLOWED.put(new Name(core + ".multiarray", "_reconstruct"), RECONSTRUCT);
      ALLOWED.put(new Name(core + ".multiarray", "scalar"), SCALAR);
      ALLOWED.put(new Name(core + ".numeric", "_frombuffer"), FROM_BUFFER);
    }
    ALLOWED.put(new Name("numpy", "ndarray"), NDARRAY);
    ALLOWED.put(new Name("numpy", "dtype"), DTYPE);
    ALLOWED.put(new Name("facelib.FaceType", "FaceType"), FACE_TYPE);
    ALLOWED.put(new Name("samplelib.Sample", "SampleType"), SAMPLE_TYPE);
    ALLOWED.put(new Name("core.imagelib.SegIEPolys", "SegIEPolyType"), POLYGON_TYPE);
    ALLOWED.put(new Name("builtins", "getattr"), GETATTR);
    ALLOWED.put(new Name("_codecs", "encode"), ENCODE);
  }

  /** The allowed object of that exact name, or a refusal that names it. */
  static PickleGlobal named(String module, String name) throws FormatException {
    PickleGlobal global = ALLOWED.get(new Name(module, name));
    if (global == null) {
      throw new FormatException(
          "refers to "
              + FormatException.shown(module + "." + name)
              + ", which no DeepFaceLab file needs");
    }
    return global;
  }

  /** True of the three enumerations, whose members are plain numbers here. */
  boolean isEnumeration() {
    return MEMBERS.containsKey(this);
  }

  /** The number of an enumeration's member. */
  long member(String name) throws FormatException {
    Long id = MEMBERS.get(this).get(name);
    if (id == null) {
      throw new FormatException("refers to an unknown member " + FormatException.shown(name));
    }
    return id;
  }
}
