package org.likeness.benchmarks;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import jcuda.JCudaVersion;
import jcuda.LibUtils;

/**
 * Native libraries of the JCuda family that are older than the jcuda beside them: each looks for
 * its file under jcuda's version, where none was ever published. A copy under that name is put
 * first on the library path.
 */
final class OlderNatives {
  private static final String FOLDER = "natives";

  private OlderNatives() {}

  /**
   * Copies a library out of its jar.
   *
   * @param library such as "JCurand"
   * @param version that its jar has, such as "11.8.0"
   */
  static void place(String library, String version) {
    Path folder = Path.of(System.getProperty("java.library.path", "").split(File.pathSeparator)[0]);
    if (!folder.endsWith(FOLDER)) {
      return; // a library path of the user's own
    }
    String resource = "/lib/" + file(library, version);
    try (InputStream in = LibUtils.class.getResourceAsStream(resource)) {
      if (in != null) {
        Files.createDirectories(folder);
        Path copy = folder.resolve(file(library, JCudaVersion.get()));
        Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String file(String library, String version) {
    return LibUtils.createLibraryFileName(
        LibUtils.createPlatformLibraryName(library + "-" + version));
  }
}
