package org.likeness.gpucheck;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.likeness.testing.Run;

/**
 * Makes the bundle of the GPU check: a Java runtime, our classes with kernels and tests, the jars
 * that they need, a few golden files, the peer's script. It needs nothing of the machine that it
 * runs on but Linux, a shell and the NVIDIA driver; no native library of ours is in it, so the
 * oracle is plain Java.
 */
final class BuildGpuCheck {
  private static final String NAME = "gpu-check";
  private static final String ARCHIVE = NAME + "-linux-x86_64.tar.gz";
  private static final long LARGEST = 60L << 20;

  private static final String MODULES =
      "java.base,java.logging,java.management,java.xml,jdk.management,jdk.unsupported";

  /** Of the tests' class path, by the start of the file's name. */
  private static final List<String> JARS =
      List.of(
          "jackson-annotations-",
          "jackson-core-",
          "jackson-databind-",
          "jackson-dataformat-yaml-",
          "snakeyaml-engine-",
          "picocli-",
          "junit-jupiter-api-",
          "junit-jupiter-engine-",
          "junit-jupiter-params-",
          "junit-platform-commons-",
          "junit-platform-engine-",
          "junit-platform-launcher-",
          "opentest4j-");

  private static final List<String> GOLDENS =
      List.of("og_df-ud_64_adabelief", "og_df-udtc_64_adabelief", "og_liae-udt_64_rmsprop");

  /** Becomes java in the bundle's folder, where tests find their files. */
  private static final String LAUNCHER =
      """
      #!/bin/sh
      # Checks this machine's NVIDIA GPU: gpu-check --help says more.
      from=$PWD
      cd "$(dirname -- "$0")" || exit 1
      exec runtime/bin/java --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC \\
        "-Dgpu-check.from=$from" -cp 'lib/*' org.likeness.gpucheck.GpuCheck "$@"
      """;

  private final Path root;
  private final Path bundle;
  private final List<Path> classPath;

  private BuildGpuCheck(Path root, Path output, List<Path> classPath) {
    this.root = root;
    this.classPath = classPath;
    bundle = output.resolve(NAME);
  }

  /**
   * Makes the bundle of compiled classes.
   *
   * @param args the file that holds the tests' class path, as Maven writes it
   */
  public static void main(String[] args) throws IOException {
    Path root = Path.of("").toAbsolutePath();
    String given = Files.readString(Path.of(args[0])).strip();
    Path made = build(root, root.resolve("target").resolve(NAME), given);
    System.out.println(made);
  }

  /**
   * Makes the bundle and returns its archive.
   *
   * @param root the folder of the project, compiled
   * @param output a folder of its own
   * @param classPath of the tests
   */
  static Path build(Path root, Path output, String classPath) throws IOException {
    delete(output);
    Files.createDirectories(output);
    List<Path> entries = Stream.of(classPath.split(File.pathSeparator)).map(Path::of).toList();
    BuildGpuCheck build = new BuildGpuCheck(root, output, entries);
    build.runtime();
    build.classes();
    build.files();
    Path archive = output.resolve(ARCHIVE);
    Run.checked(List.of("tar", "-C", output.toString(), "-czf", archive.toString(), NAME));
    long bytes = Files.size(archive);
    if (bytes > LARGEST) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %.1f MiB, more than the %d that may travel",
              archive,
              bytes / (double) (1 << 20),
              LARGEST >> 20));
    }
    return archive;
  }

  private static void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      try (Stream<Path> all = Files.walk(folder)) {
        for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(each);
        }
      }
    }
  }

  /** Links a Java runtime of the modules that are used; classes compress better in the archive. */
  private void runtime() throws IOException {
    Files.createDirectories(bundle);
    StringWriter said = new StringWriter();
    PrintWriter writer = new PrintWriter(said);
    int status =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IOException("this JDK has no jlink"))
            .run(
                writer,
                writer,
                "--add-modules",
                MODULES,
                "--output",
                bundle.resolve("runtime").toString(),
                "--strip-debug",
                "--no-man-pages",
                "--no-header-files",
                "--compress=zip-0");
    if (status != 0) {
      throw new IOException("jlink failed: " + said);
    }
  }

  private void classes() throws IOException {
    Path lib = Files.createDirectories(bundle.resolve("lib"));
    jar(lib.resolve("likeness.jar"), root.resolve("target/classes"), name -> true);
    jar(
        lib.resolve("likeness-tests.jar"),
        root.resolve("target/test-classes"),
        name -> name.endsWith(".class") || !name.contains("/") || name.startsWith("META-INF/"));
    for (String start : JARS) {
      Path jar =
          classPath.stream()
              .filter(p -> p.getFileName().toString().matches(start + "[0-9].*\\.jar"))
              .findFirst()
              .orElseThrow(() -> new IOException("the class path has no " + start + "*.jar"));
      Files.copy(jar, lib.resolve(jar.getFileName()));
    }
    benchmarks(lib);
  }

  /** Compiles the step benchmark, which needs nothing of the benchmarks' own dependencies. */
  private void benchmarks(Path lib) throws IOException {
    Path sources = root.resolve("benchmarks/src/main/java");
    Path compiled = Files.createTempDirectory(NAME);
    StringWriter said = new StringWriter();
    PrintWriter writer = new PrintWriter(said);
    int status =
        ToolProvider.findFirst("javac")
            .orElseThrow(() -> new IOException("this is no JDK: it has no javac"))
            .run(
                writer,
                writer,
                "-proc:none",
                "-nowarn",
                "-cp",
                jars(lib),
                "-sourcepath",
                sources.toString(),
                "-d",
                compiled.toString(),
                sources.resolve("org/likeness/benchmarks/StepBenchmark.java").toString());
    if (status != 0) {
      throw new IOException("the step benchmark does not compile: " + said);
    }
    jar(lib.resolve("likeness-benchmarks.jar"), compiled, name -> true);
    delete(compiled);
  }

  private static String jars(Path lib) throws IOException {
    try (Stream<Path> all = Files.list(lib)) {
      return all.map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
  }

  private static void jar(Path jar, Path folder, Predicate<String> wanted) throws IOException {
    try (Stream<Path> all = Files.walk(folder);
        OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file)) {
      for (Path each : all.filter(Files::isRegularFile).sorted().toList()) {
        String name = folder.relativize(each).toString().replace(File.separatorChar, '/');
        if (wanted.test(name)) {
          out.putNextEntry(new JarEntry(name));
          Files.copy(each, out);
        }
      }
    }
  }

  private void files() throws IOException {
    Path launcher = Files.writeString(bundle.resolve(NAME), LAUNCHER);
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwxr-xr-x"));
    List<String> names = new ArrayList<>();
    names.add("LICENSE");
    names.add("kernels/report.json");
    names.add("src/test/resources/cuda/programs.safetensors");
    names.add("benchmarks/peers/saehd_torch_step.py");
    for (String ptx : List.of("basics", "math", "tensor")) {
      names.add("src/test/native/softcuda/ptx/" + ptx + ".ptx");
    }
    for (String golden : GOLDENS) {
      names.add("src/test/resources/golden/" + golden + ".safetensors");
    }
    for (String name : names) {
      Path to = bundle.resolve(name);
      Files.createDirectories(to.getParent());
      Files.copy(root.resolve(name), to, StandardCopyOption.COPY_ATTRIBUTES);
    }
  }
}
