package org.likeness.faceset;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.format.NdArray;
import org.likeness.format.Pickle;
import org.likeness.format.PickledMember;
import org.likeness.format.PickledTuple;

/** Packs a folder's faces into one {@code faceset.pak} as DeepFaceLab does, and unpacks them. */
public final class PakFiles {
  private static final String PAK = "faceset.pak";
  private static final long VERSION = 1;
  private static final int FACE = 1;

  /** What was done: the pak, the number of faces in it or out of it, and what was left out. */
  public record Outcome(Path pak, int faces, List<SkippedFace> skipped) {}

  private record Entry(String person, Face face) {}

  private PakFiles() {}

  /**
   * Writes {@code faceset.pak} into {@code folder} from its loose faces, or from those of its
   * sub-folders, one for each person (spec data.md 2). Deletes nothing.
   */
  public static Outcome pack(Path folder) throws IOException {
    Path pak = folder.resolve(PAK);
    if (Files.exists(pak)) {
      throw new FacesetException(pak + " is there already; move it away or unpack it first.");
    }
    List<Entry> entries = new ArrayList<>();
    List<SkippedFace> skipped = new ArrayList<>();
    collect(Faceset.loose(Faceset.requireFolder(folder)), null, entries, skipped);
    if (entries.isEmpty()) {
      for (Path person : folders(folder)) {
        collect(Faceset.loose(person), person.getFileName().toString(), entries, skipped);
      }
    }
    if (entries.isEmpty()) {
      throw new FacesetException(folder + " holds no usable face, so nothing was packed.");
    }
    SafeFile.replace(pak, out -> write(entries, out));
    return new Outcome(pak, entries.size(), List.copyOf(skipped));
  }

  private static void collect(
      Faceset loose, String person, List<Entry> entries, List<SkippedFace> skipped) {
    loose.faces().forEach(face -> entries.add(new Entry(person, face)));
    skipped.addAll(loose.skipped());
  }

  private static List<Path> folders(Path folder) throws IOException {
    List<Path> folders = new ArrayList<>();
    try (DirectoryStream<Path> all = Files.newDirectoryStream(folder, Files::isDirectory)) {
      all.forEach(folders::add);
    }
    folders.sort(Comparator.comparing(f -> f.getFileName().toString(), Faceset.CODE_POINTS));
    return folders;
  }

  private static void write(List<Entry> entries, OutputStream to) throws IOException {
    byte[] config = Pickle.write(entries.stream().map(PakFiles::config).toList());
    ByteBuffer head =
        ByteBuffer.allocate(16 + config.length + 8 * (entries.size() + 1))
            .order(ByteOrder.LITTLE_ENDIAN);
    head.putLong(VERSION).putLong(config.length).put(config);
    long at = 0;
    for (Entry entry : entries) {
      head.putLong(at);
      at += entry.face.size();
    }
    head.putLong(head.capacity() + at); // the last is an absolute position
    OutputStream out = new BufferedOutputStream(to);
    out.write(head.array());
    for (Entry entry : entries) {
      long expected = entry.face.size();
      byte[] jpg = entry.face.jpg();
      if (jpg.length != expected) {
        throw new FacesetException(entry.face.where() + " changed while it was packed; try again.");
      }
      out.write(jpg);
    }
    out.flush();
  }

  private static Map<String, Object> config(Entry entry) {
    Face face = entry.face;
    AlignedFace metadata = face.metadata();
    Map<String, Object> fromJpg = FaceMetadata.write(metadata);
    Map<String, Object> config = new LinkedHashMap<>();
    config.put("sample_type", new PickledMember("samplelib.Sample", "SampleType", FACE));
    config.put("filename", face.name());
    config.put(
        "face_type", new PickledMember("facelib.FaceType", "FaceType", metadata.type().id()));
    config.put("shape", new PickledTuple(List.of(face.height(), face.width(), 3)));
    config.put("landmarks", fromJpg.get("landmarks"));
    config.put("seg_ie_polys", fromJpg.getOrDefault("seg_ie_polys", Map.of("polys", List.of())));
    config.put("xseg_mask", null);
    byte[] mask = metadata.xsegMask();
    config.put("xseg_mask_compressed", mask == null ? null : NdArray.of(mask));
    config.put("eyebrows_expand_mod", metadata.eyebrowsExpandMod());
    config.put("source_filename", metadata.source().filename());
    config.put("person_name", entry.person);
    return config;
  }

  /**
   * Writes every whole face of {@code folder}'s pak beside it, persons into sub-folders; refuses to
   * overwrite a file. The pak stays.
   */
  public static Outcome unpack(Path folder) throws IOException {
    Path pak = folder.resolve(PAK);
    if (!Files.exists(pak)) {
      throw new FacesetException(folder + " holds no " + PAK + " to unpack.");
    }
    Faceset faceset = Faceset.load(folder);
    for (Face face : faceset.faces()) {
      if (Files.exists(folder.resolve(face.name()))) {
        throw new FacesetException(
            folder.resolve(face.name()) + " is there already; nothing was unpacked.");
      }
    }
    for (Face face : faceset.faces()) {
      Path file = folder.resolve(face.name());
      Files.createDirectories(file.getParent());
      SafeFile.replace(file, face.jpg());
    }
    return new Outcome(pak, faceset.faces().size(), faceset.skipped());
  }
}
