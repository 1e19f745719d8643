package org.likeness.cli;

import java.nio.file.Path;
import org.likeness.faceset.FaceCache;
import org.likeness.ffi.BundledLibraries;
import picocli.CommandLine.Option;

/** The options that say where prepared faces are kept from run to run, and how many. */
final class CacheOption {
  private static final String NOWHERE = "none";
  private static final long USUAL_BYTES = 10L << 30;

  @Option(
      names = "--cache",
      paramLabel = "DIR|none",
      description =
          "Where prepared faces are kept from run to run, so that the next one begins with them"
              + " (default: likeness/faces in the user's cache folder, for all sessions); none"
              + " prepares again what does not fit into memory. Can be deleted at any time.")
  private String folder;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      converter = SizeInBytes.class,
      description =
          "How much of the disk they may take, 10GiB by default: those that were not used for"
              + " longest make room. 2 GiB of the disk are always left free.")
  private Long bytes;

  /** Returns what was asked for. */
  FaceCache.Place place() {
    if (NOWHERE.equals(folder)) {
      return FaceCache.Place.NOWHERE;
    }
    Path usual = BundledLibraries.userCache().resolveSibling("faces");
    return FaceCache.Place.in(
        folder == null ? usual : Path.of(folder), bytes == null ? USUAL_BYTES : bytes);
  }
}
