package org.likeness.train;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

/**
 * A session on disk, open for training: checkpoints, losses and previews under one lock.
 *
 * <pre>
 * SESSION/checkpoints/N/  one safetensors file per network, one for the optimiser, manifest.json
 * SESSION/losses.csv      one line per iteration
 * SESSION/profile/        trace.json, values.csv, profile.json of the last profile
 * SESSION/previews/N.png  and SESSION/preview.png, the newest
 * SESSION/backups/        see {@link Backups}
 * </pre>
 */
final class SessionFolder implements AutoCloseable {
  static final String CHECKPOINTS = "checkpoints";
  static final String PREVIEWS = "previews";
  static final String PREVIEW = "preview.png";
  static final String PROFILE = "profile";

  private final Path path;
  private final DurableFiles files;
  private final SessionLock lock;
  private final CheckpointStore checkpoints;
  private final Backups backups;
  private final List<Path> made; // what was not there before, each after what it lies in

  private SessionFolder(Path path, DurableFiles files, SessionLock lock, List<Path> made) {
    this.path = path;
    this.files = files;
    this.lock = lock;
    this.made = made;
    this.checkpoints = new CheckpointStore(path.resolve(CHECKPOINTS), files);
    this.backups = new Backups(path, files, LocalDateTime::now);
  }

  /** Creates the folder if need be and keeps other trainers out until closed. */
  static SessionFolder open(Path path, DurableFiles files) throws SessionException {
    List<Path> missing = missing(path);
    try {
      files.createFolder(path);
    } catch (IOException e) {
      throw SessionException.at("cannot open the session", path, e);
    }
    SessionFolder session = new SessionFolder(path, files, SessionLock.take(path), missing);
    try {
      session.checkpoints.prepare();
      files.createFolder(path.resolve(PREVIEWS));
    } catch (IOException e) {
      session.close();
      throw SessionException.at("cannot open the session", path, e);
    }
    return session;
  }

  private static List<Path> missing(Path path) {
    Deque<Path> missing = new ArrayDeque<>();
    for (Path p = path.toAbsolutePath(); p != null && !Files.exists(p); p = p.getParent()) {
      missing.addFirst(p);
    }
    Stream.of(SessionLock.FILE, CHECKPOINTS, PREVIEWS, LossHistory.FILE)
        .map(path::resolve)
        .filter(Files::notExists)
        .forEach(missing::addLast);
    return List.copyOf(missing);
  }

  /** The newest whole checkpoint of a session that somebody else may be training. */
  static Generation read(Path path, Generation.Layout layout, Consumer<String> say)
      throws SessionException {
    Path checkpoints = path.resolve(CHECKPOINTS);
    Optional<Generation> newest =
        new CheckpointStore(checkpoints, new DurableFiles()).readNewest(layout, say);
    return newest.orElseThrow(
        () ->
            new SessionException(
                (Files.isDirectory(checkpoints)
                        ? "session %s has no checkpoint yet; wait for its first save"
                        : "there is no session in %s; make one with: likeness train --session %1$s")
                    .formatted(path)));
  }

  /**
   * The options that a run of {@code path} would have: what is stored there, if anything, changed
   * by what is given. Only looks, so that a wrong option is refused before anything is made.
   */
  static SaehdOptions options(Path path, Map<String, String> given) throws SessionException {
    if (Files.exists(path) && !Files.isDirectory(path)) {
      throw SessionException.at(
          "cannot open the session", path, new NotDirectoryException(path.toString()));
    }
    Optional<SaehdOptions> stored = stored(path);
    return stored.isPresent() ? changed(path, stored.get(), given) : SaehdOptions.of(given);
  }

  /** The options that are stored there; nothing for a session that has not been begun. */
  static Optional<SaehdOptions> stored(Path path) throws SessionException {
    return new CheckpointStore(path.resolve(CHECKPOINTS), new DurableFiles()).peekOptions();
  }

  Path path() {
    return path;
  }

  CheckpointStore checkpoints() {
    return checkpoints;
  }

  Backups backups() {
    return backups;
  }

  /** Saves what a learner holds as iteration 0, whatever was reached before. */
  void restart(SaehdOptions options, Learner learner, Consumer<String> say)
      throws SessionException {
    try (Arena arena = Arena.ofShared()) {
      Checkpoint begun =
          new Checkpoint(0, options, learner.facts(), learner.algorithms(), learner.weights(arena));
      checkpoints.restart(begun, say);
    }
  }

  Path preview() {
    return path.resolve(PREVIEW);
  }

  /** Where a profile's files go; not made yet. */
  Path profile() {
    return path.resolve(PROFILE);
  }

  /** Keeps a preview under its iteration and as the newest. */
  void savePreview(BufferedImage picture, long iteration) throws SessionException {
    Path numbered =
        path.resolve(PREVIEWS).resolve(String.format(Locale.ROOT, "%07d.png", iteration));
    try {
      Preview.write(picture, numbered, files);
      Preview.write(picture, preview(), files);
    } catch (IOException e) {
      throw SessionException.at("cannot save a preview", numbered, e);
    }
  }

  /**
   * The options to go on with: the stored ones, changed by what was given now. Another model in the
   * same session is refused.
   */
  SaehdOptions goOnWith(SaehdOptions stored, Map<String, String> given) throws SessionException {
    return changed(path, stored, given);
  }

  private static SaehdOptions changed(Path path, SaehdOptions stored, Map<String, String> given)
      throws SessionException {
    SaehdOptions options = stored.withText(given);
    List<String> changed = stored.fixedDifferences(options);
    if (!changed.isEmpty()) {
      String name = changed.get(0);
      throw new SessionException(
          "session %s was started with %s %s, not %s; leave %s out or choose another --session"
              .formatted(
                  path,
                  name,
                  stored.stored().get(name),
                  options.stored().get(name),
                  OptionTable.flagOf(name)));
    }
    return options;
  }

  /** Lets others in, and leaves nothing behind where not even a first step was made. */
  @Override
  public void close() {
    lock.close();
    try {
      if (isUnused()) {
        for (Path path : made.reversed()) {
          files.delete(path);
        }
      }
    } catch (IOException e) {
      // somebody else put something there, or looks at it
    }
  }

  private boolean isUnused() throws IOException {
    Path losses = path.resolve(LossHistory.FILE);
    return made.contains(path.resolve(CHECKPOINTS))
        && isEmpty(path.resolve(CHECKPOINTS))
        && isEmpty(path.resolve(PREVIEWS))
        && (Files.notExists(losses) || Files.size(losses) == 0);
  }

  private static boolean isEmpty(Path folder) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      return !entries.iterator().hasNext();
    }
  }
}
