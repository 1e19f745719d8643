package org.likeness.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A golden file that no run of ours can repeat. */
public final class UnsupportedGoldenException extends IOException {
  private static final long serialVersionUID = 1;

  /** Names the reasons, "use_fp16 is not known here" for example. */
  UnsupportedGoldenException(Path path, List<String> reasons) {
    super(path + " cannot be replayed: " + String.join("; ", reasons));
  }
}
