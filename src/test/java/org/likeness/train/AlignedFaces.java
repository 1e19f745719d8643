package org.likeness.train;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Folders of aligned faces for tests, from files that DeepFaceLab's classes wrote. */
public final class AlignedFaces {
  /** Usable faces. */
  public static final List<String> GOOD =
      List.of("ok_protocol2.jpg", "ok_protocol3.jpg", "ok_protocol5.jpg", "ok_numpy2_names.jpg");

  private AlignedFaces() {}

  /** Makes a folder with these files of the test resources. */
  public static Path folder(Path folder, List<String> faces) {
    try {
      Files.createDirectory(folder);
      for (String face : faces) {
        try (InputStream file = AlignedFaces.class.getResourceAsStream("/faceset/bad/" + face)) {
          Files.copy(file, folder.resolve(face));
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
