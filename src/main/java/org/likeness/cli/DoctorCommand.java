package org.likeness.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.likeness.cuda.Gpu;
import org.likeness.cuda.Nvml;
import org.likeness.runtime.Doctor;
import org.likeness.runtime.DoctorReport;
import org.likeness.runtime.DoctorReport.DeviceChoice;
import org.likeness.runtime.DoctorReport.GpuFinding;
import org.likeness.runtime.DoctorReport.LibraryFinding;
import org.likeness.runtime.DoctorReport.Machine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code likeness doctor}: says what this computer has that Likeness can use. */
@Command(
    name = "doctor",
    description =
        "Says what this computer has that Likeness can use: processor, GPUs, NVIDIA's libraries;"
            + " what was refused and why, what to install, and which device is used.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footer = {
      "",
      "--json prints {machine: {java, system, processors, memory_bytes, free_bytes}, cpu,",
      "gpus: [{device, name, uuid, capability, memory_bytes, used_bytes, multiprocessors,",
      "megahertz, celsius, watts, problem}], libraries: [{name, place, version, refused, advice}],",
      "folders: {purpose: folder}, device: {name, description, problem}}; what is not known is"
          + " null."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final double GIB = 1L << 30;

  private final PrintStream out;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  DoctorCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() {
    DoctorReport report = Doctor.examine();
    if (json) {
      Json.print(out, json(report));
    } else {
      print(report);
    }
    return 0;
  }

  private void print(DoctorReport report) {
    Machine machine = report.machine();
    line("Java", machine.java());
    line(
        "system",
        String.format(
            Locale.ROOT,
            "%s, %d processors, %.1f of %.1f GiB of memory free",
            machine.system(),
            machine.processors(),
            machine.freeBytes() / GIB,
            machine.memoryBytes() / GIB));
    line("cpu", report.cpu());
    report.gpus().forEach(this::print);
    report.libraries().forEach(this::print);
    report.folders().forEach((purpose, folder) -> line("folder", folder + " (" + purpose + ")"));
    DeviceChoice device = report.device();
    line(
        "uses",
        device.problem().orElseGet(() -> device.name() + ", unless --device names another"));
  }

  private void line(String name, String text) {
    out.printf("%-14s %s%n", name, text);
  }

  private void print(GpuFinding finding) {
    Gpu gpu = finding.gpu();
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s, compute capability %d.%d, %.1f GiB",
            gpu.name(),
            gpu.capability() / 10,
            gpu.capability() % 10,
            gpu.memory().totalBytes() / GIB));
    finding.sensors().ifPresent(sensors -> text.append(words(sensors)));
    finding.problem().ifPresent(problem -> text.append("; not used: ").append(problem));
    line(gpu.device(), text.toString());
  }

  private static String words(Nvml.Reading sensors) {
    StringBuilder text = new StringBuilder();
    sensors
        .usedBytes()
        .ifPresent(b -> text.append(String.format(Locale.ROOT, ", %.1f of them used", b / GIB)));
    sensors.multiprocessorMegahertz().ifPresent(mhz -> text.append(", " + mhz + " MHz"));
    sensors.celsius().ifPresent(celsius -> text.append(", " + celsius + " °C"));
    sensors.watts().ifPresent(w -> text.append(String.format(Locale.ROOT, ", %.0f W", w)));
    return text.toString();
  }

  private void print(LibraryFinding finding) {
    List<String> lines = new ArrayList<>();
    finding
        .place()
        .ifPresent(place -> lines.add(place + finding.version().map(v -> ": " + v).orElse("")));
    lines.addAll(finding.refused());
    finding.advice().ifPresent(lines::add);
    line(finding.name(), lines.getFirst());
    lines.stream().skip(1).forEach(words -> line("", words));
  }

  private static Map<String, Object> json(DoctorReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    Machine machine = report.machine();
    Map<String, Object> computer = new LinkedHashMap<>();
    computer.put("java", machine.java());
    computer.put("system", machine.system());
    computer.put("processors", machine.processors());
    computer.put("memory_bytes", machine.memoryBytes());
    computer.put("free_bytes", machine.freeBytes());
    json.put("machine", computer);
    json.put("cpu", report.cpu());
    json.put("gpus", report.gpus().stream().map(DoctorCommand::json).toList());
    json.put("libraries", report.libraries().stream().map(DoctorCommand::json).toList());
    json.put("folders", report.folders());
    Map<String, Object> device = new LinkedHashMap<>();
    device.put("name", report.device().name());
    device.put("description", report.device().description());
    device.put("problem", report.device().problem().orElse(null));
    json.put("device", device);
    return json;
  }

  private static Map<String, Object> json(GpuFinding finding) {
    Gpu gpu = finding.gpu();
    Optional<Nvml.Reading> sensors = finding.sensors();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("device", gpu.device());
    json.put("name", gpu.name());
    json.put("uuid", gpu.uuid());
    json.put("capability", gpu.capability() / 10 + "." + gpu.capability() % 10);
    json.put("memory_bytes", gpu.memory().totalBytes());
    json.put("used_bytes", sensors.flatMap(Nvml.Reading::usedBytes).orElse(null));
    json.put("multiprocessors", gpu.multiprocessors().count());
    json.put("megahertz", known(sensors.map(s -> s.multiprocessorMegahertz())));
    json.put("celsius", known(sensors.map(s -> s.celsius())));
    json.put(
        "watts",
        sensors.filter(s -> s.watts().isPresent()).map(s -> s.watts().getAsDouble()).orElse(null));
    json.put("problem", finding.problem().orElse(null));
    return json;
  }

  private static Integer known(Optional<OptionalInt> value) {
    return value.filter(v -> v.isPresent()).map(v -> v.getAsInt()).orElse(null);
  }

  private static Map<String, Object> json(LibraryFinding finding) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", finding.name());
    json.put("place", finding.place().orElse(null));
    json.put("version", finding.version().orElse(null));
    json.put("refused", finding.refused());
    json.put("advice", finding.advice().orElse(null));
    return json;
  }
}
