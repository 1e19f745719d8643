package org.likeness.train;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.SkippedFace;

/**
 * The facesets of a session.
 *
 * @param pretraining any faces to begin with, for both sides; null where there are none
 */
record Facesets(Faceset src, Faceset dst, Faceset pretraining) {
  private static final int LISTED = 10;

  /** Loads them; {@code pretraining} may be null. */
  static Facesets load(Path src, Path dst, Path pretraining) throws IOException {
    return new Facesets(
        Faceset.load(src),
        Faceset.load(dst),
        pretraining == null ? null : Faceset.load(pretraining));
  }

  /** Refuses a folder for prepared faces inside any of them; {@code cache} may be null. */
  void requireApart(Path cache) throws SessionException {
    for (Faceset faceset : Arrays.asList(src, dst, pretraining)) {
      if (cache != null && faceset != null && inside(cache, faceset.folder())) {
        throw new SessionException(
            "the prepared faces would lie among the faces of %s; choose another --cache"
                .formatted(faceset.folder()));
      }
    }
  }

  private static boolean inside(Path path, Path folder) {
    return path.toAbsolutePath().normalize().startsWith(folder.toAbsolutePath().normalize());
  }

  /** Tells how many faces there are and which had to be skipped, and why. */
  void describe(PrintStream out) {
    describe("src", src, out);
    describe("dst", dst, out);
    if (pretraining != null) {
      describe("pretraining", pretraining, out);
    }
  }

  private static void describe(String side, Faceset faceset, PrintStream out) {
    List<SkippedFace> skipped = faceset.skipped();
    out.printf(
        Locale.ROOT,
        "%s: %d faces in %s%s%n",
        side,
        faceset.faces().size(),
        faceset.folder(),
        skipped.isEmpty() ? "" : ", " + skipped.size() + " skipped:");
    for (SkippedFace face : skipped.subList(0, Math.min(LISTED, skipped.size()))) {
      out.println("  " + face.name() + " " + face.reason());
    }
    if (skipped.size() > LISTED) {
      out.printf(Locale.ROOT, "  and %d more%n", skipped.size() - LISTED);
    }
  }
}
