package org.likeness.ffi;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.likeness.ffi.Availability.Absent;
import org.likeness.ffi.Availability.Available;

/**
 * Where a native library may be, in the order in which places are tried: the file that someone
 * named, and then nothing else; folders that environment variables name; the loader's path; folders
 * where installers put it.
 *
 * @param what the library, for a person: "cuDNN 9"
 * @param files its file names, newest first: "libcudnn.so.9"
 * @param given the file that an option or a system property names
 * @param homes folders that environment variables name
 * @param installed where installers put it
 */
public record LibrarySearch(
    String what, List<String> files, Optional<Path> given, List<Path> homes, List<Path> installed) {
  /** Copies the lists. */
  public LibrarySearch {
    files = List.copyOf(files);
    homes = List.copyOf(homes);
    installed = List.copyOf(installed);
  }

  /**
   * What a search came to.
   *
   * @param answer the first that could be used, or why none could
   * @param refused what was there but could not be used, in the order tried
   */
  public record Result<T>(Availability<T> answer, List<Availability<T>> refused) {
    /** Copies the list. */
    public Result {
      refused = List.copyOf(refused);
    }
  }

  /** Opens the first library that {@code use} accepts. */
  public <T> Result<T> search(Function<NativeLibrary, Availability<T>> use) {
    List<String> places = new ArrayList<>();
    List<Availability<T>> refused = new ArrayList<>();
    for (Candidate candidate : candidates()) {
      Availability<T> answer = candidate.open().then(use);
      if (answer instanceof Available) {
        return new Result<>(answer, refused);
      }
      places.add(candidate.place());
      if (!(answer instanceof Absent)) {
        refused.add(answer);
      }
    }
    return new Result<>(
        refused.isEmpty() ? new Absent<>(what, places) : refused.getFirst(), refused);
  }

  /** Opens the first library that the loader takes. */
  public Availability<NativeLibrary> open() {
    return search((NativeLibrary library) -> new Available<>(library)).answer();
  }

  private record Candidate(String place, Opener opener) {
    interface Opener {
      Availability<NativeLibrary> open();
    }

    Availability<NativeLibrary> open() {
      return opener.open();
    }
  }

  private List<Candidate> candidates() {
    List<Candidate> candidates = new ArrayList<>();
    if (given.isPresent()) {
      Path file = given.get();
      return List.of(new Candidate(file.toString(), () -> NativeLibrary.open(file)));
    }
    homes.forEach(folder -> candidates.addAll(in(folder)));
    for (String name : files) {
      candidates.add(new Candidate(name + " on the loader's path", () -> NativeLibrary.open(name)));
    }
    installed.forEach(folder -> candidates.addAll(in(folder)));
    return candidates;
  }

  /** The files of this name in a folder; where none is, the folder is a place that was tried. */
  private List<Candidate> in(Path folder) {
    List<Candidate> there =
        files.stream()
            .map(folder::resolve)
            .filter(Files::isRegularFile)
            .map(file -> new Candidate(file.toString(), () -> NativeLibrary.open(file)))
            .toList();
    return there.isEmpty()
        ? List.of(new Candidate(folder.toString(), () -> new Absent<>(what, List.of())))
        : there;
  }
}
