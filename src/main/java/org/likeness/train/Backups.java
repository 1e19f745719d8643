package org.likeness.train;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Copies of a session's newest checkpoint, losses and preview, each a session of its own that can
 * be trained on or predicted with (spec model.md 6.6).
 *
 * <pre>
 * SESSION/backups/YYYYMMDDTHHMMSS[_name]/checkpoints/N/, losses.csv, preview.png
 * </pre>
 */
final class Backups {
  static final String FOLDER = "backups";
  private static final String UNFINISHED = ".tmp";
  private static final DateTimeFormatter STAMP = DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss");
  private static final int STAMP_LENGTH = 15;
  private static final Pattern NAME = Pattern.compile("\\d{8}T\\d{6}(_.*)?(?<!\\.tmp)");

  private final Path session;
  private final DurableFiles files;
  private final Supplier<LocalDateTime> now;

  Backups(Path session, DurableFiles files, Supplier<LocalDateTime> now) {
    this.session = session;
    this.files = files;
    this.now = now;
  }

  /**
   * Whether so many hours have passed since the newest backup, or without one since the session
   * began. The original asks for whole multiples of them and can miss one; this does not.
   */
  boolean due(int hours) throws IOException {
    if (hours == 0) {
      return false;
    }
    LocalDateTime last = newest().orElse(begun());
    return Duration.between(last, now.get()).toHours() >= hours;
  }

  /**
   * Copies what was saved last and deletes all but the newest {@code kept} backups, 0 keeps all. A
   * backup that fails is said aloud and leaves nothing; the session itself is not touched.
   */
  void make(CheckpointStore checkpoints, String label, int kept, Consumer<String> say)
      throws SessionException {
    long iteration = checkpoints.iterations().getFirst();
    String name = STAMP.format(now.get()) + (label.isEmpty() ? "" : "_" + label);
    Path folder = session.resolve(FOLDER);
    Path unfinished = folder.resolve(name + UNFINISHED);
    try {
      files.createFolder(folder);
      for (Path leftover : list(path -> path.endsWith(UNFINISHED))) {
        files.deleteTree(leftover);
      }
      copy(SessionFolder.CHECKPOINTS + "/" + iteration, unfinished);
      copyIfThere(LossHistory.FILE, unfinished);
      copyIfThere(SessionFolder.PREVIEW, unfinished);
      files.sync(unfinished);
      files.rename(unfinished, folder.resolve(name));
      files.sync(folder);
      say.accept("backup of iteration %d: %s".formatted(iteration, folder.resolve(name)));
      prune(kept);
    } catch (IOException e) {
      discard(unfinished);
      say.accept(
          "no backup of iteration %d, training goes on: %s"
              .formatted(iteration, SessionException.reason(folder, e)));
    }
  }

  private void copy(String inside, Path backup) throws IOException {
    Path to = backup.resolve(inside);
    files.createFolder(to);
    try (Stream<Path> all = Files.list(session.resolve(inside))) {
      for (Path file : all.sorted().toList()) {
        copyFile(file, to.resolve(file.getFileName()));
      }
    }
    files.sync(to);
  }

  private void copyIfThere(String file, Path backup) throws IOException {
    if (Files.exists(session.resolve(file))) {
      copyFile(session.resolve(file), backup.resolve(file));
    }
  }

  private void copyFile(Path from, Path to) throws IOException {
    try (FileChannel in = FileChannel.open(from)) {
      files.write(
          to,
          out -> {
            long size = in.size();
            for (long at = 0; at < size; ) {
              at += in.transferTo(at, size - at, out);
            }
          });
    }
  }

  private void prune(int kept) throws IOException {
    List<Path> all = list(name -> NAME.matcher(name).matches());
    int surplus = kept == 0 ? 0 : Math.max(0, all.size() - kept);
    for (Path old : all.subList(0, surplus)) {
      Path doomed = old.resolveSibling(old.getFileName() + UNFINISHED);
      files.rename(old, doomed); // never half a backup under a good name
      files.deleteTree(doomed);
    }
  }

  private void discard(Path unfinished) {
    try {
      files.deleteTree(unfinished);
    } catch (IOException e) {
      // the next backup tries again
    }
  }

  private Optional<LocalDateTime> newest() throws IOException {
    List<Path> all = list(name -> NAME.matcher(name).matches());
    if (all.isEmpty()) {
      return Optional.empty();
    }
    String name = all.getLast().getFileName().toString();
    try {
      return Optional.of(LocalDateTime.parse(name.substring(0, STAMP_LENGTH), STAMP));
    } catch (DateTimeParseException e) {
      return Optional.empty(); // somebody's own folder
    }
  }

  private LocalDateTime begun() throws IOException {
    Path checkpoints = session.resolve(SessionFolder.CHECKPOINTS);
    return Files.readAttributes(checkpoints, BasicFileAttributes.class)
        .creationTime()
        .toInstant()
        .atZone(ZoneId.systemDefault())
        .toLocalDateTime();
  }

  private interface NameFilter {
    boolean accepts(String name);
  }

  /** Folders among the backups, oldest first. */
  private List<Path> list(NameFilter filter) throws IOException {
    try (Stream<Path> paths = Files.list(session.resolve(FOLDER))) {
      return paths
          .filter(path -> filter.accepts(path.getFileName().toString()))
          .filter(Files::isDirectory)
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }
}
