package org.likeness.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.likeness.format.Safetensors;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.SaehdOptions;

/**
 * The checkpoints of a session, one folder named by its iteration each. A new one is written as
 * {@code N.tmp}, forced to the disk and renamed to {@code N}; only then is the oldest let go.
 * Nothing is ever renamed over, so whatever moment the power fails at, the newest whole one is
 * there. (The original overwrites in place, spec model.md 7.1, and loses models.)
 */
final class CheckpointStore {
  private static final int KEPT = 2;
  private static final String UNFINISHED = ".tmp";

  private final Path folder;
  private final DurableFiles files;

  CheckpointStore(Path folder, DurableFiles files) {
    this.folder = folder;
    this.files = files;
  }

  /** Makes the folder and removes what a killed trainer left half done. */
  void prepare() throws SessionException {
    try {
      files.createFolder(folder);
      for (Path leftover : list(name -> name.endsWith(UNFINISHED))) {
        files.deleteTree(leftover);
      }
    } catch (IOException e) {
      throw SessionException.at("cannot open the session", folder, e);
    }
  }

  /**
   * The newest whole generation, or nothing if none was ever saved. A faulty one is said aloud and
   * kept under another name, then the one before it is tried; if all are faulty, this refuses.
   */
  Optional<Generation> openNewest(Generation.Layout layout, Consumer<String> say)
      throws SessionException {
    Search search = search(layout);
    for (Map.Entry<Path, String> fault : search.faults()) {
      Path faulty = fault.getKey();
      Path aside = freeName(faulty.resolveSibling(faulty.getFileName() + ".damaged"));
      try {
        files.rename(faulty, aside);
      } catch (IOException e) {
        search.close();
        throw SessionException.at("cannot set a damaged checkpoint aside", faulty, e);
      }
      say.accept(
          "checkpoint %s: %s; falling back to iteration %d (the faulty one is kept as %s)"
              .formatted(
                  faulty,
                  fault.getValue(),
                  search.whole().orElseThrow().checkpoint().iteration(),
                  aside.getFileName()));
    }
    return search.whole();
  }

  /** The same for a reader that must not change anything: a trainer may be at work here. */
  Optional<Generation> readNewest(Generation.Layout layout, Consumer<String> say)
      throws SessionException {
    Search search = search(layout);
    search
        .faults()
        .forEach(
            fault ->
                say.accept(
                    "checkpoint %s: %s; reading an older one"
                        .formatted(fault.getKey(), fault.getValue())));
    return search.whole();
  }

  private record Search(Optional<Generation> whole, List<Map.Entry<Path, String>> faults) {
    void close() {
      whole.ifPresent(Generation::close);
    }
  }

  private Search search(Generation.Layout layout) throws SessionException {
    List<Map.Entry<Path, String>> faults = new ArrayList<>();
    try {
      for (Path candidate : generations()) {
        try {
          return new Search(Optional.of(Generation.open(candidate, layout)), faults);
        } catch (Manifest.Unreadable e) {
          faults.add(Map.entry(candidate, e.getMessage()));
        }
      }
    } catch (IOException e) {
      throw SessionException.at("cannot read the session", folder, e);
    }
    if (!faults.isEmpty()) {
      throw new SessionException(
          "no checkpoint of %s can be used (%s); restore the folder from a copy, or start anew with"
                  .formatted(
                      folder,
                      String.join(
                          "; ",
                          faults.stream()
                              .map(f -> f.getKey().getFileName() + ": " + f.getValue())
                              .toList()))
              + " another --session");
    }
    return new Search(Optional.empty(), faults);
  }

  /** Options of the newest generation whose manifest can be read; its tensors are not looked at. */
  Optional<SaehdOptions> peekOptions() throws SessionException {
    try {
      for (Path candidate : generations()) {
        try {
          byte[] manifest = Files.readAllBytes(candidate.resolve(Manifest.FILE));
          return Optional.of(Manifest.parse(manifest).options());
        } catch (NoSuchFileException | Manifest.Unreadable e) {
          // the search for a whole generation will name it
        }
      }
      return Optional.empty();
    } catch (IOException e) {
      throw SessionException.at("cannot read the session", folder, e);
    }
  }

  /** Iterations saved, newest first; they may be damaged. */
  List<Long> iterations() throws SessionException {
    try {
      return generations().stream().map(CheckpointStore::iteration).toList();
    } catch (IOException e) {
      throw SessionException.at("cannot read the session", folder, e);
    }
  }

  /** Saves a new generation, then lets go of all but the two newest. */
  void save(Checkpoint checkpoint, Consumer<String> say) throws SessionException {
    String name = Long.toString(checkpoint.iteration());
    Path target = folder.resolve(name);
    if (Files.exists(target)) {
      return; // resumed and stopped without an iteration between: it is what was loaded
    }
    Path unfinished = folder.resolve(name + UNFINISHED);
    try {
      files.createFolder(unfinished);
      for (Map.Entry<String, List<SafetensorsTensor>> file : checkpoint.files().entrySet()) {
        files.write(
            unfinished.resolve(Generation.fileName(file.getKey())),
            channel -> Safetensors.write(channel, Map.of(), file.getValue()));
      }
      files.write(unfinished.resolve(Manifest.FILE), Manifest.of(checkpoint).toJson());
      files.sync(unfinished);
      files.rename(unfinished, target);
      files.sync(folder);
    } catch (IOException e) {
      discard(unfinished);
      throw SessionException.at(
          "cannot save iteration %s (%s)".formatted(name, remaining()), folder, e);
    }
    prune(say);
  }

  /**
   * Saves a generation of iteration 0 and sets all others aside under another name: the iterations
   * start anew, so the highest number would no longer be the newest.
   */
  void restart(Checkpoint checkpoint, Consumer<String> say) throws SessionException {
    try {
      List<Path> old = generations().stream().filter(g -> iteration(g) > 0).toList();
      for (Path older : old.subList(Math.min(1, old.size()), old.size())) {
        Path doomed = older.resolveSibling(older.getFileName() + UNFINISHED);
        files.rename(older, doomed); // never half a generation under a good name
        files.deleteTree(doomed);
      }
      files.deleteTree(folder.resolve("0")); // a kill in the midst of this came after its save
      save(checkpoint, say);
      if (!old.isEmpty()) {
        Path last = old.getFirst();
        files.rename(last, freeName(last.resolveSibling(last.getFileName() + ".pretrained")));
      }
    } catch (IOException e) {
      throw SessionException.at("cannot set the pretrained checkpoints aside", folder, e);
    }
  }

  private void discard(Path unfinished) {
    try {
      files.deleteTree(unfinished);
    } catch (IOException e) {
      // the reason why saving failed is what matters; the next start removes the rest
    }
  }

  private String remaining() {
    try {
      List<Path> saved = generations();
      return saved.isEmpty()
          ? "none was saved before"
          : "iteration " + iteration(saved.get(0)) + " is still saved";
    } catch (IOException e) {
      return "what was saved before is untouched";
    }
  }

  private void prune(Consumer<String> say) {
    try {
      List<Path> saved = generations();
      for (Path old : saved.subList(Math.min(KEPT, saved.size()), saved.size())) {
        Path doomed = old.resolveSibling(old.getFileName() + UNFINISHED);
        files.rename(old, doomed); // never half a generation under a good name
        files.deleteTree(doomed);
      }
    } catch (IOException e) {
      say.accept("an old checkpoint of " + folder + " could not be deleted: " + e.getMessage());
    }
  }

  /** Folders that are named like a generation, newest first. */
  private List<Path> generations() throws IOException {
    return list(name -> name.matches("0|[1-9][0-9]{0,17}")).stream()
        .sorted(Comparator.comparingLong(CheckpointStore::iteration).reversed())
        .toList();
  }

  private interface NameFilter {
    boolean accepts(String name);
  }

  private List<Path> list(NameFilter filter) throws IOException {
    try (Stream<Path> paths = Files.list(folder)) {
      return paths
          .filter(path -> filter.accepts(path.getFileName().toString()))
          .filter(Files::isDirectory)
          .sorted()
          .toList();
    } catch (NoSuchFileException e) {
      return List.of();
    }
  }

  private static long iteration(Path generation) {
    return Long.parseLong(generation.getFileName().toString());
  }

  private static Path freeName(Path wanted) {
    Path name = wanted;
    for (int i = 2; Files.exists(name); i++) {
      name = wanted.resolveSibling(wanted.getFileName() + "-" + i);
    }
    return name;
  }
}
