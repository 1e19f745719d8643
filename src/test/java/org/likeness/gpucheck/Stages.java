package org.likeness.gpucheck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The parts of the check, the most valuable first. */
final class Stages {
  private static final Path GOLDENS = Path.of("src", "test", "resources", "golden");

  private static final List<String> KERNEL_TESTS =
      List.of(
          "device.cuda.CudaOpTest",
          "device.cuda.ElementwiseKernelTest",
          "device.cuda.ImageKernelTest",
          "device.cuda.UpdateKernelTest",
          "device.cuda.ConvolutionTileTest",
          "device.cuda.TensorCoreResultTest",
          "device.cuda.CudaStepTest",
          "device.cuda.CudaMicroBatchTest");

  private static final List<String> AGREEMENT = List.of("cuda.PtxAgreementTest");

  private final Setup setup;

  Stages(Setup setup) {
    this.setup = setup;
  }

  /** Returns all of them in order. */
  List<Stage> all() {
    List<Stage> stages = new ArrayList<>();
    stages.add(stage("machine", "machine", 1, this::machine));
    stages.add(
        stage("agreement", "small programs, as on softcuda", 2, limit -> tests(AGREEMENT, limit)));
    stages.add(
        stage(
            "kernel-tests", "kernels against the oracle", 6, limit -> tests(kernelTests(), limit)));
    stages.add(
        stage("goldens-ours", "golden runs, our kernels", 3, limit -> goldens("ours", limit)));
    for (String workload : List.of("M", "S", "L")) {
      stages.add(
          stage(
              StepFigures.stage(workload),
              "whole steps, " + workload,
              workload.equals("L") ? 6 : 4,
              new StepStage(setup, workload)::run));
    }
    stages.add(stage("kernels", "kernel benchmarks", 2, this::kernels));
    stages.add(stage("goldens-cudnn", "golden runs, cuDNN", 3, limit -> goldens("cudnn", limit)));
    stages.add(stage("sanitizer", "compute-sanitizer memcheck", 5, this::sanitizer));
    return stages;
  }

  private static Stage stage(String name, String title, int minutes, Stage.Work work) {
    return new Stage(name, title, Duration.ofMinutes(minutes), work);
  }

  /** A driver that runs kernels on the processor needs minutes for the others. */
  private List<String> kernelTests() {
    return setup.dry() ? KERNEL_TESTS.subList(0, 1) : KERNEL_TESTS;
  }

  private static Map<String, Object> json(String line) {
    Map<String, Object> figures = new LinkedHashMap<>();
    JsonMapper.shared()
        .readTree(line)
        .propertyStream()
        .forEach(e -> figures.put(e.getKey(), e.getValue()));
    return figures;
  }

  private Outcome machine(Duration limit) throws IOException, InterruptedException {
    Child doctor = setup.likeness(limit, "doctor", "--json");
    if (doctor.status() != 0) {
      return Outcome.failed(doctor.lastWords(), Map.of());
    }
    Map<String, Object> found = json(doctor.lines().getLast());
    JsonNode gpus = JsonMapper.shared().valueToTree(found.get("gpus"));
    String names =
        String.join(" and ", gpus.valueStream().map(g -> g.path("name").asString()).toList());
    return gpus.isEmpty()
        ? Outcome.failed("the driver has no GPU, or cannot be used: see its line", found)
        : Outcome.passed(names, found);
  }

  private Outcome tests(List<String> classes, Duration limit)
      throws IOException, InterruptedException {
    return counted(setup.run(setup.tests(classes), limit), classes.size());
  }

  /** Sums up the lines that the classes which ended left. */
  private static Outcome counted(Child child, int wanted) {
    List<Map<String, Object>> classes =
        child.lines().stream()
            .filter(line -> line.startsWith(DeviceTests.MARK))
            .map(line -> json(line.substring(DeviceTests.MARK.length())))
            .toList();
    JsonNode tree = JsonMapper.shared().valueToTree(classes);
    int passed = sum(tree, "passed");
    int failed = sum(tree, "failed");
    int skipped = tree.valueStream().mapToInt(c -> c.path("skipped").size()).sum();
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("passed", passed);
    figures.put("failed", failed);
    figures.put("skipped", skipped);
    figures.put("classes", classes);
    String counts =
        "%d passed, %d failed, %d skipped in %d of %d classes"
            .formatted(passed, failed, skipped, classes.size(), wanted);
    if (child.killed()) {
      return Outcome.timedOut(counts, figures);
    }
    if (failed > 0 || passed == 0 || classes.size() < wanted) {
      return Outcome.failed(counts + "; " + child.lastWords(), figures);
    }
    return Outcome.passed(counts, figures);
  }

  private static int sum(JsonNode classes, String count) {
    return classes.valueStream().mapToInt(c -> c.path(count).asInt()).sum();
  }

  private Outcome goldens(String provider, Duration limit)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + limit.toNanos();
    if (provider.equals("cudnn")) {
      Optional<String> reason = noCudnn(limit);
      if (reason.isPresent()) {
        return Outcome.skipped(reason.get());
      }
    }
    List<Object> files = new ArrayList<>();
    List<String> wrong = new ArrayList<>();
    for (Path file : goldenFiles()) {
      List<String> arguments = new ArrayList<>(List.of("verify", "--json", "--device", "cuda"));
      arguments.addAll(List.of("--provider", provider, file.toString()));
      Duration left = Duration.ofNanos(Math.max(1, end - System.nanoTime()));
      Child child = setup.likeness(left, arguments.toArray(String[]::new));
      if (child.killed()) {
        return Outcome.timedOut(files.size() + " files were replayed", Map.of("files", files));
      }
      if (child.lines().isEmpty()) {
        wrong.add(file.getFileName() + ": " + child.lastWords());
      } else {
        files.add(json(child.lines().getLast()).get("files"));
        if (child.status() != 0) {
          wrong.add(file.getFileName() + " is outside its tolerance");
        }
      }
    }
    Map<String, Object> figures = Map.of("files", files);
    return wrong.isEmpty()
        ? Outcome.passed(files.size() + " files within tolerance", figures)
        : Outcome.failed(String.join("; ", wrong), figures);
  }

  private List<Path> goldenFiles() throws IOException {
    try (Stream<Path> all = Files.list(GOLDENS)) {
      return all.filter(f -> f.toString().endsWith(".safetensors"))
          .sorted()
          .limit(setup.dry() ? 1 : Long.MAX_VALUE)
          .toList();
    }
  }

  private Optional<String> noCudnn(Duration limit) throws IOException, InterruptedException {
    Child doctor = setup.likeness(limit, "doctor", "--json");
    if (doctor.status() != 0) {
      return Optional.of(doctor.lastWords());
    }
    return JsonMapper.shared()
        .readTree(doctor.lines().getLast())
        .path("libraries")
        .valueStream()
        .filter(l -> l.path("name").asString().startsWith("cuDNN"))
        .filter(l -> l.path("place").isNull())
        .map(l -> "no usable cuDNN: " + l.path("refused"))
        .findFirst();
  }

  private Outcome kernels(Duration limit) throws IOException, InterruptedException {
    Child child =
        setup.likeness(limit, "bench", "kernels", "--json", "--side", setup.dry() ? "4" : "256");
    if (child.killed()) {
      return Outcome.timedOut("nothing was measured", Map.of());
    }
    if (child.status() != 0 || child.lines().isEmpty()) {
      return Outcome.failed(child.lastWords(), Map.of());
    }
    Map<String, Object> figures = json(child.lines().getLast());
    return figures.containsKey("skipped")
        ? Outcome.failed(figures.get("skipped").toString(), Map.of())
        : Outcome.passed("measured; the shares are below", figures);
  }

  private Outcome sanitizer(Duration limit) throws IOException, InterruptedException {
    Optional<Path> program = sanitizerProgram();
    if (program.isEmpty()) {
      return Outcome.skipped("no compute-sanitizer on the PATH or under CUDA_HOME");
    }
    List<String> command = new ArrayList<>();
    command.add(program.get().toString());
    command.addAll(List.of("--tool", "memcheck", "--error-exitcode", "99"));
    List<String> classes = List.of("cuda.PtxAgreementTest", "device.cuda.CudaOpTest");
    command.addAll(setup.tests(classes));
    Child child = setup.run(command, limit);
    Outcome counted = counted(child, classes.size());
    if (child.status() != 99) {
      return counted;
    }
    List<String> said = child.lines().stream().filter(line -> line.contains("=====")).toList();
    return Outcome.failed("memory errors: " + said.getLast(), Map.of("output", said));
  }

  private static Optional<Path> sanitizerProgram() {
    List<Path> folders = new ArrayList<>();
    for (String folder : System.getenv().getOrDefault("PATH", "").split(":", -1)) {
      folders.add(Path.of(folder));
    }
    String home = System.getenv().getOrDefault("CUDA_HOME", "/usr/local/cuda");
    folders.add(Path.of(home, "bin"));
    folders.add(Path.of(home, "compute-sanitizer"));
    return folders.stream()
        .map(folder -> folder.resolve("compute-sanitizer"))
        .filter(Files::isExecutable)
        .findFirst();
  }
}
