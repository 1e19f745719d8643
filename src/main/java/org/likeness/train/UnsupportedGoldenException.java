package org.likeness.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A golden file that needs options which are not built. */
public final class UnsupportedGoldenException extends IOException {
  private static final long serialVersionUID = 1;

  /** Names the options. */
  UnsupportedGoldenException(Path path, List<String> options) {
    super(
        path
            + " needs what is not supported yet: "
            + String.join(", ", options)
            + "; verify files with default options only");
  }
}
