package org.likeness.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.likeness.device.Device;
import org.likeness.device.cuda.CudaDevice;
import org.likeness.device.cuda.Provider;
import org.likeness.runtime.Devices;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Compares launches and kernels with what a Java programmer would otherwise use: JCuda. */
@Command(
    name = "KernelComparison",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description = "Measures launches and kernels beside the JCuda family's, and writes tables.")
public final class KernelComparison implements Callable<Integer> {
  /** What can be measured. */
  private enum Group {
    LAUNCH("Launches beside JCuda's"),
    PRODUCTS("Products beside cuBLASLt and jcublas"),
    CONVOLUTION("Convolution beside jcudnn"),
    RANDOM("Random numbers beside jcurand"),
    ROOFLINE("Kernels as a share of the card's rates");

    private final String title;

    Group(String title) {
      this.title = title;
    }
  }

  @Option(names = "--groups", split = ",", description = "which of ${COMPLETION-CANDIDATES}")
  private List<Group> groups = List.of(Group.values());

  @Option(names = "--rounds", description = "times that launches of every side are measured")
  private int rounds = 3;

  @Option(names = "--milliseconds", description = "of each of JMH's measurements")
  private int milliseconds = 200;

  @Option(names = "--device", description = "the GPU of all groups but LAUNCH: cuda or cuda:1")
  private String device = "cuda";

  @Option(names = "--side", description = "of the largest activations, in pixels")
  private int side = 256;

  @Option(names = "--output", description = "folder for kernels.md, kernels.json and a csv a table")
  private Path output = Path.of("target", "results");

  private KernelComparison() {}

  /** Where it was measured, and the tables. */
  private record Results(
      @JsonProperty("date") String date,
      @JsonProperty("processor") String processor,
      @JsonProperty("system") String system,
      @JsonProperty("java") String java,
      @JsonProperty("tables") List<Table> tables) {
    String markdown() {
      return tables.stream()
          .map(Table::markdown)
          .collect(
              Collectors.joining(
                  "", "%s, %s, Java %s, %s.\n\n".formatted(processor, system, java, date), ""));
    }
  }

  /** Runs the comparison. */
  public static void main(String[] args) {
    CommandLine line = new CommandLine(new KernelComparison());
    line.setCaseInsensitiveEnumValuesAllowed(true);
    System.exit(line.execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException, RunnerException {
    List<Table> tables = new ArrayList<>();
    for (Group group : groups) {
      tables.add(measured(group));
      write(tables);
    }
    return 0;
  }

  private Table measured(Group group) throws InterruptedException, RunnerException {
    return switch (group) {
      case LAUNCH -> new LaunchComparison(rounds, milliseconds).run();
      case PRODUCTS -> onGpu(group, PeerTables::products);
      case CONVOLUTION -> onGpu(group, PeerTables::convolution);
      case RANDOM -> onGpu(group, PeerTables::random);
      case ROOFLINE -> onGpu(group, PeerTables::roofline);
    };
  }

  private Table onGpu(Group group, Function<PeerTables, Table> measured) {
    Device opened;
    try {
      opened = Devices.open(device, Devices.options().with(Provider.OURS));
    } catch (IllegalArgumentException e) {
      return Table.skipped(group.title, e.getMessage());
    }
    try (opened) {
      if (!(opened instanceof CudaDevice gpu)) {
        return Table.skipped(group.title, device + " is not a GPU");
      }
      try (GpuTimer timer = GpuTimer.on(gpu)) {
        return measured.apply(new PeerTables(gpu, timer, side));
      }
    }
  }

  private void write(List<Table> tables) throws IOException {
    Results results =
        new Results(
            LocalDate.now().toString(),
            Machine.processor(),
            Machine.system(),
            Runtime.version().toString(),
            tables);
    Files.createDirectories(output);
    Files.writeString(output.resolve("kernels.md"), results.markdown());
    JsonMapper json = JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
    Files.writeString(output.resolve("kernels.json"), json.writeValueAsString(results) + "\n");
    for (int i = 0; i < tables.size(); i++) {
      String name = groups.get(i).name().toLowerCase(Locale.ROOT) + ".csv";
      Files.writeString(output.resolve(name), tables.get(i).csv());
    }
    System.out.println(tables.getLast().markdown());
  }
}
