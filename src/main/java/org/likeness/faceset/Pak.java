package org.likeness.faceset;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.likeness.format.FormatException;
import org.likeness.format.Pickle;

/**
 * A packed faceset (spec data.md 2): metadata from its config, damaged entries skipped and named.
 */
final class Pak {
  private final Path path;
  private final MemorySegment file;
  private final List<Face> faces = new ArrayList<>();
  private final List<SkippedFace> skipped = new ArrayList<>();

  private Pak(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  static Faceset load(Path folder, Path path) throws IOException {
    try (Arena arena = Arena.ofConfined();
        FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      return of(folder, path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
    }
  }

  /** The faces of a pak whose bytes are {@code file}. */
  static Faceset of(Path folder, Path path, MemorySegment file) throws FacesetException {
    Pak pak = new Pak(path, file);
    try {
      pak.read();
    } catch (FormatException e) {
      throw new FacesetException(
          path + " cannot be used: it " + e.getMessage() + "; pack the faceset again.");
    }
    return new Faceset(folder, List.copyOf(pak.faces), List.copyOf(pak.skipped));
  }

  private void read() throws FormatException {
    if (file.byteSize() < 16) {
      throw new FormatException("has only " + file.byteSize() + " bytes");
    }
    long version = file.get(JAVA_LONG_UNALIGNED, 0);
    if (version != 1) {
      throw new FormatException("has version " + Long.toUnsignedString(version) + ", not 1");
    }
    long configSize = file.get(JAVA_LONG_UNALIGNED, 8);
    if (configSize < 0 || configSize > file.byteSize() - 16) {
      throw new FormatException(
          "claims %s bytes of configuration where %d are left"
              .formatted(Long.toUnsignedString(configSize), file.byteSize() - 16));
    }
    Object config;
    try {
      config = Pickle.read(file.asSlice(16, configSize));
    } catch (FormatException e) {
      throw new FormatException("has a configuration whose pickle " + e.getMessage());
    }
    if (!(config instanceof List<?> entries)) {
      throw new FormatException("has a configuration that is not a list");
    }
    long table = 16 + configSize;
    long tableSize = 8L * (entries.size() + 1);
    if (tableSize > file.byteSize() - table) {
      throw new FormatException("ends inside its table of " + entries.size() + " entries");
    }
    for (int i = 0; i < entries.size(); i++) {
      long begin = file.get(JAVA_LONG_UNALIGNED, table + 8L * i);
      long end = file.get(JAVA_LONG_UNALIGNED, table + 8L * i + 8);
      entry(i, entries.get(i), table + tableSize, begin, end);
    }
  }

  /**
   * {@code begin} and {@code end} count from {@code data}; the last end is an absolute position.
   */
  private void entry(int index, Object entry, long data, long begin, long end) {
    String name = "entry " + index;
    try {
      if (!(entry instanceof Map<?, ?> fields)) {
        throw new FormatException("has metadata that are not a dictionary");
      }
      name = safe(fields.get("filename"));
      if (fields.get("person_name") != null) {
        name = safe(fields.get("person_name")) + "/" + name;
      }
      long size = file.byteSize() - data;
      if (begin >= size) {
        throw new FormatException("is lost: it lies beyond the end of its pak");
      }
      long clamped = Math.min(end, size);
      if (begin < 0 || begin >= clamped || clamped - begin > AlignedJpg.LARGEST_FILE) {
        throw new FormatException(
            "has an impossible place in its pak: from %d to %d".formatted(begin, end));
      }
      byte[] jpg = file.asSlice(data + begin, clamped - begin).toArray(JAVA_BYTE);
      JpegLayout layout = AlignedJpg.checked(jpg);
      AlignedFace face = FaceMetadata.read(entry, layout.width(), layout.height());
      Face.Place place = new Face.Place(path, data + begin, clamped - begin);
      faces.add(Face.of(name, face, layout, place, jpg));
    } catch (FormatException e) {
      skipped.add(new SkippedFace(name, e.getMessage()));
    }
  }

  /** A plain file name: outputs are named after it. */
  private static String safe(Object value) throws FormatException {
    if (!(value instanceof String name) || name.isBlank() || name.length() > 255) {
      throw new FormatException("has no file name");
    }
    if (name.startsWith(".")
        || name.chars().anyMatch(c -> c < 32 || "/\\:*?\"<>|".indexOf(c) >= 0)) {
      throw new FormatException("has a file name that is not a plain one");
    }
    return name;
  }
}
