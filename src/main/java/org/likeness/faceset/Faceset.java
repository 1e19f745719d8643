package org.likeness.faceset;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.likeness.format.FormatException;

/**
 * The usable faces of a folder, sorted by name in code point order, and those that had to be
 * skipped, with reasons (spec data.md 3). A {@code faceset.pak} in the folder replaces its loose
 * files.
 */
public record Faceset(Path folder, List<Face> faces, List<SkippedFace> skipped) {
  private static final String PAK = "faceset.pak";
  private static final Set<String> JPG = Set.of(".jpg", ".jpeg");
  private static final Set<String> OTHER_PICTURES = Set.of(".png", ".tif", ".tiff");
  private static final String REMEDY =
      "give the 'aligned' folder that DeepFaceLab's extractor wrote";

  /**
   * Reads every face's metadata, not its pixels; a FacesetException says why there is nothing to
   * use.
   */
  public static Faceset load(Path folder) throws IOException {
    requireFolder(folder);
    Path pak = folder.resolve(PAK);
    Faceset faceset = Files.exists(pak) ? Pak.load(folder, pak) : loose(folder);
    if (faceset.faces.isEmpty()) {
      throw nothingUsable(faceset);
    }
    return faceset;
  }

  static Path requireFolder(Path folder) throws FacesetException {
    if (!Files.isDirectory(folder)) {
      throw new FacesetException(
          Files.exists(folder)
              ? folder + " is a file, not a folder of faces; " + REMEDY + "."
              : folder + " does not exist; " + REMEDY + ".");
    }
    return folder;
  }

  private static FacesetException nothingUsable(Faceset faceset) {
    if (faceset.skipped.isEmpty()) {
      return new FacesetException(faceset.folder + " holds no pictures; " + REMEDY + ".");
    }
    SkippedFace first = faceset.skipped.getFirst();
    return new FacesetException(
        "%s holds no usable face: all %d pictures were skipped, the first, %s, because it %s; %s."
            .formatted(
                faceset.folder, faceset.skipped.size(), first.name(), first.reason(), REMEDY));
  }

  private sealed interface Outcome {
    record Used(Face face) implements Outcome {}

    record Skipped(SkippedFace face) implements Outcome {}
  }

  static Faceset loose(Path folder) throws IOException {
    List<Path> pictures = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        String suffix = suffix(file);
        if (JPG.contains(suffix) || OTHER_PICTURES.contains(suffix)) {
          pictures.add(file);
        }
      }
    }
    pictures.sort(Comparator.comparing(file -> file.getFileName().toString(), CODE_POINTS));
    List<Face> faces = new ArrayList<>();
    List<SkippedFace> skipped = new ArrayList<>();
    for (Outcome outcome : pictures.parallelStream().map(Faceset::outcome).toList()) {
      switch (outcome) {
        case Outcome.Used used -> faces.add(used.face());
        case Outcome.Skipped skip -> skipped.add(skip.face());
      }
    }
    return new Faceset(folder, List.copyOf(faces), List.copyOf(skipped));
  }

  private static Outcome outcome(Path file) {
    String name = file.getFileName().toString();
    try {
      if (OTHER_PICTURES.contains(suffix(file))) {
        throw new FormatException("is not a JPG: DeepFaceLab's aligned faces are JPGs");
      }
      byte[] jpg = AlignedJpg.bytes(file);
      AlignedJpg.Contents contents = AlignedJpg.contents(jpg);
      return new Outcome.Used(
          Face.of(name, contents.face(), contents.layout(), Face.Place.file(file), jpg));
    } catch (FormatException e) {
      return new Outcome.Skipped(new SkippedFace(name, e.getMessage()));
    } catch (IOException e) {
      return new Outcome.Skipped(
          new SkippedFace(name, "cannot be read: " + FacesetException.reason(e)));
    }
  }

  private static String suffix(Path file) {
    String name = file.getFileName().toString();
    return name.substring(Math.max(0, name.lastIndexOf('.'))).toLowerCase(Locale.ROOT);
  }

  /** Python's order of strings; Java's differs beyond the basic plane. */
  static final Comparator<String> CODE_POINTS =
      (a, b) -> {
        int[] left = a.codePoints().toArray();
        int[] right = b.codePoints().toArray();
        return Arrays.compare(left, right);
      };
}
