package org.likeness.testing;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.likeness.ffi.Availability;

/**
 * Builds shared libraries of a folder of C++ sources with g++. Objects are named after a hash of
 * what they are made of, so that only what changed is compiled; one process builds at a time.
 * Sources called {@code *_test.cpp} are programs of their own and left out.
 *
 * @param sources the folder of the C++ sources
 * @param output where objects and libraries go
 * @param include the folder of {@code cuda.h}
 * @param libraries what is built
 */
record NativeBuild(Path sources, Path output, Path include, List<Library> libraries) {
  /**
   * One library.
   *
   * @param exports the linker's version script among the sources
   * @param holds whether a source belongs to it, by name
   */
  record Library(String file, String exports, Predicate<String> holds) {}

  /** A vectorised interpreter is 2 to 6 times faster than a plain one (spec softcuda.md 3). */
  private static final List<String> COMPILE =
      List.of("-O3", "-march=native", "-std=c++17", "-fPIC", "-pthread", "-ffp-contract=off", "-w");

  private static final Pattern INCLUDE = Pattern.compile("(?m)^#include \"([^\"]+)\"");

  /** Returns the folder that holds the libraries, up to date. */
  Availability<Path> build() {
    Run compiler = Run.tried(List.of("g++", "--version"));
    if (compiler.status() != 0) {
      return new Availability.Absent<>("g++", List.of("the PATH"));
    }
    try {
      Files.createDirectories(output);
      try (FileChannel channel =
              FileChannel.open(
                  output.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock held = channel.lock()) {
        assert held.isValid();
        String setting = compiler.output() + COMPILE + include;
        List<Path> all = files(".cpp");
        all.removeIf(file -> file.toString().endsWith("_test.cpp")); // programs of their own
        List<Path> objects = compile(all, setting);
        for (Library library : libraries) {
          List<Path> parts = new ArrayList<>();
          for (int i = 0; i < all.size(); i++) {
            if (library.holds.test(all.get(i).getFileName().toString())) {
              parts.add(objects.get(i));
            }
          }
          link(parts, library.exports, library.file);
        }
      }
      return new Availability.Available<>(output);
    } catch (IOException e) {
      return new Availability.Broken<>(sources.getFileName().toString(), e.getMessage());
    }
  }

  private List<Path> files(String suffix) throws IOException {
    try (var all = Files.list(sources)) {
      return all.filter(file -> file.toString().endsWith(suffix))
          .sorted()
          .collect(Collectors.toCollection(ArrayList::new));
    }
  }

  /** Returns the text of a source and of all our headers that it includes. */
  private String closure(Path source) throws IOException {
    Set<Path> files = new LinkedHashSet<>();
    List<Path> next = new ArrayList<>(List.of(source));
    StringBuilder text = new StringBuilder();
    while (!next.isEmpty()) {
      Path file = next.removeLast();
      if (!Files.exists(file) || !files.add(file)) {
        continue;
      }
      String read = Files.readString(file);
      text.append(read);
      INCLUDE
          .matcher(read)
          .results()
          .forEach(found -> next.add(file.resolveSibling(found.group(1)).normalize()));
    }
    return text.toString();
  }

  private List<Path> compile(List<Path> files, String setting) throws IOException {
    int processors = Runtime.getRuntime().availableProcessors();
    try (ExecutorService pool = Executors.newFixedThreadPool(processors)) {
      List<Future<Path>> waiting = new ArrayList<>();
      for (Path file : files) {
        waiting.add(pool.submit(() -> compile(file, setting)));
      }
      List<Path> objects = new ArrayList<>();
      for (Future<Path> each : waiting) {
        objects.add(each.get());
      }
      return objects;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException cause ? cause : new IOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Path compile(Path source, String setting) throws IOException {
    String name = source.getFileName().toString();
    Path object = output.resolve(name + "-" + hash(setting + closure(source)) + ".o");
    if (Files.exists(object)) {
      return object;
    }
    try (var old = Files.newDirectoryStream(output, name + "-*.o")) {
      for (Path each : old) {
        Files.deleteIfExists(each);
      }
    }
    Path part = output.resolve(name + ".part");
    List<String> command = new ArrayList<>(List.of("g++"));
    command.addAll(COMPILE);
    command.addAll(List.of("-isystem", include.toString(), "-c", source.toString()));
    command.addAll(List.of("-o", part.toString()));
    check(command);
    return Files.move(part, object, StandardCopyOption.ATOMIC_MOVE);
  }

  private void link(List<Path> objects, String exports, String name) throws IOException {
    Path library = output.resolve(name);
    Path made = output.resolve(name + ".made-of");
    String parts = objects + Files.readString(sources.resolve(exports));
    if (Files.exists(library) && Files.exists(made) && Files.readString(made).equals(parts)) {
      return;
    }
    Path part = output.resolve(name + ".part");
    List<String> command = new ArrayList<>(List.of("g++", "-shared", "-pthread"));
    command.add("-Wl,--no-undefined,-soname," + name);
    command.add("-Wl,--version-script=" + sources.resolve(exports));
    objects.forEach(object -> command.add(object.toString()));
    command.addAll(List.of("-ldl", "-o", part.toString()));
    check(command);
    Files.move(part, library, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    Files.writeString(made, parts);
  }

  private static void check(List<String> command) throws IOException {
    Run result = Run.tried(command);
    if (result.status() != 0) {
      throw new IOException(String.join(" ", command) + " failed:\n" + result.output());
    }
  }

  private static String hash(String text) {
    try {
      byte[] sum =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(sum, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }
}
