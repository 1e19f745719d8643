package org.likeness.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.likeness.ffi.NativeLibraryException;
import org.likeness.testing.CudaToolkit;
import org.likeness.testing.Run;

/** {@code tools/build-kernels}: sources to committed PTX, and proof that it is theirs. */
public final class BuildKernels {
  private static final String HELP =
      """
      usage: tools/build-kernels [--check] [family...]

      Compiles src/main/cuda/<family>.cu to kernels/<family>.sm<target>.ptx (all families unless
      named), then assembles each for every architecture that loads it: no spills, no calls to
      functions outside the file. The output depends on the source alone.

        --check   change nothing: compile into a temporary folder and compare with what is committed

      A source says in its first 80 lines what it is compiled for, 75 unless it says:
        // targets: 75 80
      75 serves every card unless there is also 80, which serves 8.0 and newer. For the report's
      occupancy, entries that are launched with dynamic shared memory declare their most by the
      beginning of their names:
        // dynamic-shared: conv_forward_bf16 49152
      """;

  private static final Pattern EXTERN =
      Pattern.compile("(?m)^\\s*\\.extern\\s+\\.func\\b[^;]*?\\b(\\w+)\\s*(?:\\(|;|$)");
  private static final Pattern ABSOLUTE = Pattern.compile("(?m)^\\s*\\.file\\b.*|\"(?:/|[A-Z]:).*");
  private static final Pattern ENTRY = Pattern.compile("\\.entry\\s+(\\w+)");

  private BuildKernels() {}

  /** Runs the tool; the exit status is 1 when a family fails or differs. */
  public static void main(String[] arguments) throws IOException {
    if (arguments.length == 4 && arguments[0].equals("--compile")) {
      System.exit(compileHere(Path.of(arguments[1]), arguments[2], Path.of(arguments[3])));
    }
    List<String> names = new ArrayList<>(List.of(arguments));
    boolean check = names.remove("--check");
    if (names.stream().anyMatch(n -> n.startsWith("-"))) {
      System.out.print(HELP);
      System.exit(names.contains("--help") || names.contains("-h") ? 0 : 2);
    }
    List<String> faults;
    try {
      faults =
          run(
              families(names),
              (family, target, made, temporary) -> {
                List<String> found = new ArrayList<>();
                found.addAll(faults(made, family.served(target), temporary));
                found.addAll(check ? compare(family, target, made) : List.of());
                if (!check && found.isEmpty()) {
                  keep(family, target, made);
                }
                return found;
              });
    } catch (CudaToolkit.Missing | IOException e) {
      faults = List.of(e.getMessage());
    }
    faults.forEach(fault -> System.err.println("build-kernels: " + fault));
    System.exit(faults.isEmpty() ? 0 : 1);
  }

  private static List<KernelFamily> families(List<String> names) throws IOException {
    if (names.isEmpty()) {
      return KernelFamily.all(KernelFamily.SOURCES);
    }
    List<KernelFamily> families = new ArrayList<>();
    for (String name : names) {
      Path source = KernelFamily.SOURCES.resolve(name + ".cu");
      if (!Files.isRegularFile(source)) {
        throw new IOException(source + " does not exist; name families without folder and .cu");
      }
      families.add(KernelFamily.of(source));
    }
    return families;
  }

  /** What is done with a freshly compiled file: returns what is wrong with it. */
  interface Examination {
    List<String> examine(KernelFamily family, int target, Path made, Path temporary)
        throws IOException;
  }

  /** Compiles every target of the families, each in a process of its own, and examines it. */
  static List<String> run(List<KernelFamily> families, Examination examination) throws IOException {
    CudaToolkit.nvrtc();
    CudaToolkit.headers();
    Path temporary = Files.createTempDirectory("kernels");
    try (ExecutorService workers =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<List<String>>> results = new ArrayList<>();
      for (KernelFamily family : families) {
        for (int target : family.targets()) {
          Callable<List<String>> work = () -> build(family, target, temporary, examination);
          results.add(workers.submit(work));
        }
      }
      List<String> faults = new ArrayList<>();
      for (Future<List<String>> result : results) {
        faults.addAll(result.get());
      }
      return faults;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      delete(temporary);
    }
  }

  private static List<String> build(
      KernelFamily family, int target, Path temporary, Examination examination) throws IOException {
    Path made = family.ptx(temporary, target);
    Run compiled = Run.of(command(family.source(), target, made));
    return compiled.status() == 0
        ? examination.examine(family, target, made, temporary)
        : List.of(compiled.output().strip());
  }

  /** Compares with what is committed, byte by byte. */
  static List<String> compare(KernelFamily family, int target, Path made) throws IOException {
    return difference(family.ptx(KernelFamily.KERNELS, target), made).stream().toList();
  }

  private static void keep(KernelFamily family, int target, Path made) throws IOException {
    Files.createDirectories(KernelFamily.KERNELS);
    Path committed = family.ptx(KernelFamily.KERNELS, target);
    Files.copy(made, committed, StandardCopyOption.REPLACE_EXISTING);
  }

  private static List<String> command(Path source, int target, Path to) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return List.of(
        java,
        "--enable-native-access=ALL-UNNAMED",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        System.getProperty("java.class.path"),
        BuildKernels.class.getName(),
        "--compile",
        source.toString(),
        Integer.toString(target),
        to.toString());
  }

  /** The one compilation of a fresh process. */
  private static int compileHere(Path source, String target, Path to) throws IOException {
    try {
      List<Path> includes = List.of(KernelFamily.SOURCES, CudaToolkit.headers());
      String ptx = Nvrtc.open(CudaToolkit.nvrtc()).ptx(source, Integer.parseInt(target), includes);
      Files.writeString(to, ptx, StandardCharsets.US_ASCII);
      return 0;
    } catch (IOException | CudaToolkit.Missing | NativeLibraryException e) {
      System.err.println(e.getMessage());
      return 1;
    }
  }

  /** Says what must not be in a PTX file, and what assembling it showed. */
  static List<String> faults(Path ptx, List<Integer> architectures, Path temporary)
      throws IOException {
    String name = ptx.getFileName().toString();
    List<String> faults = new ArrayList<>(faults(name, Files.readString(ptx)));
    for (int architecture : architectures) {
      Path cubin = temporary.resolve(name + "." + architecture + ".cubin");
      try {
        for (Ptxas.Usage usage : Ptxas.assemble(ptx, architecture, cubin)) {
          if (usage.spills() > 0) {
            String entry = usage.entry() + " spills " + usage.spills() + " bytes on sm_";
            faults.add(name + ": " + entry + architecture);
          }
        }
      } catch (IOException e) {
        faults.add(e.getMessage());
      }
    }
    return faults;
  }

  /** Says what must not be in the text of a PTX file. */
  static List<String> faults(String name, String text) {
    List<String> faults = new ArrayList<>();
    for (Matcher m = EXTERN.matcher(text); m.find(); ) {
      faults.add(name + ": calls " + m.group(1) + "; remove printf and assert from its kernels");
    }
    for (Matcher m = ABSOLUTE.matcher(text); m.find(); ) {
      faults.add(name + ": names a file of the machine that built it: " + m.group().strip());
    }
    if (!ENTRY.matcher(text).find()) {
      faults.add(name + ": has no entry; declare one extern \"C\" __global__");
    }
    return faults;
  }

  /** Says where a committed file and what its source gives today part. */
  static Optional<String> difference(Path committed, Path made) throws IOException {
    if (!Files.exists(committed)) {
      return Optional.of(committed + " is missing; run tools/build-kernels");
    }
    long at = Files.mismatch(committed, made);
    if (at < 0) {
      return Optional.empty();
    }
    List<String> old = Files.readAllLines(committed);
    List<String> now = Files.readAllLines(made);
    int line = 0;
    while (line < Math.min(old.size(), now.size()) && old.get(line).equals(now.get(line))) {
      line++;
    }
    return Optional.of(
        committed
            + " differs from what its source gives, first in line "
            + (line + 1)
            + ":\n  committed: "
            + (line < old.size() ? old.get(line) : "(end)")
            + "\n  built:     "
            + (line < now.size() ? now.get(line) : "(end)"));
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
