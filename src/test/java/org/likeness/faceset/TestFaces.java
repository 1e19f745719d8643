package org.likeness.faceset;

import java.net.URISyntaxException;
import java.nio.file.Path;

/** Files under src/test/resources. */
final class TestFaces {
  private TestFaces() {}

  static Path path(String name) {
    try {
      return Path.of(TestFaces.class.getResource("/faceset").toURI()).resolve(name);
    } catch (URISyntaxException e) {
      throw new AssertionError(e);
    }
  }
}
