package org.likeness.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;
import org.likeness.testing.CudaToolkit;

/** {@code tools/kernel-report}: what the compiler can tell of the kernels without a card. */
public final class KernelReport {
  private static final String HELP =
      """
      usage: tools/kernel-report [--check]

      Assembles and disassembles kernels/*.ptx for sm_75, 80, 86, 89, 90 and 120, and writes
      registers, spills, shared memory, occupancy, tensor-core instructions and 128-bit accesses of
      every entry to kernels/REPORT.md and kernels/report.json. Fails on a spill and on a
      tensor-core entry without tensor-core instructions in a loop. Files that are as report.json
      knows them are not examined again.

        --check   change nothing: examine every file and compare with what is committed
      """;

  static final Path MARKDOWN = KernelFamily.KERNELS.resolve("REPORT.md");
  static final Path JSON = KernelFamily.KERNELS.resolve("report.json");

  private static final Pattern TENSOR = Pattern.compile("\\b(HMMA|HGMMA|QGMMA)\\.");
  private static final Pattern WIDE_LOAD = Pattern.compile("\\b(LDG|LDGSTS)\\S*\\.128\\b");
  private static final Pattern WIDE_STORE = Pattern.compile("\\bSTG\\S*\\.128\\b");
  private static final int UNBOUNDED_THREADS = 1024;

  /** One PTX file. */
  record File(String name, String sha256, List<EntryReport> entries) {
    /** Whether this is about the file as it is, launched as the family declares. */
    boolean isOf(PtxFile file, KernelFamily family) {
      return sha256.equals(file.sha256())
          && entries.stream().allMatch(e -> e.dynamicShared() == family.dynamicShared(e.name()));
    }

    String json() {
      return "    {\"file\": \""
          + name
          + "\", \"sha256\": \""
          + sha256
          + "\", \"entries\": [\n"
          + String.join(",\n", entries.stream().map(EntryReport::json).toList())
          + "\n    ]}";
    }
  }

  private KernelReport() {}

  /** Runs the tool; the exit status is 1 when a kernel is at fault or the report is not current. */
  public static void main(String[] arguments) throws IOException {
    List<String> given = List.of(arguments);
    boolean check = given.equals(List.of("--check"));
    if (!given.isEmpty() && !check) {
      System.out.print(HELP);
      System.exit(given.contains("--help") || given.contains("-h") ? 0 : 2);
    }
    List<String> faults = new ArrayList<>();
    try {
      List<File> known =
          check || !Files.exists(JSON) ? List.of() : ReportText.read(Files.readString(JSON));
      List<File> files = examine(KernelFamily.all(KernelFamily.SOURCES), known);
      faults.addAll(faults(files));
      if (check) {
        faults.addAll(outdated(MARKDOWN, markdown(files)));
        faults.addAll(outdated(JSON, ReportText.write(files)));
      } else {
        Files.writeString(MARKDOWN, markdown(files));
        Files.writeString(JSON, ReportText.write(files));
      }
    } catch (CudaToolkit.Missing | IOException e) {
      faults.add(e.getMessage());
    }
    faults.forEach(fault -> System.err.println("kernel-report: " + fault));
    System.exit(faults.isEmpty() ? 0 : 1);
  }

  /** Assembles and disassembles the committed files of the families that are not known. */
  private static List<File> examine(List<KernelFamily> families, List<File> known)
      throws IOException {
    CudaToolkit.nvdisasm();
    Path temporary = Files.createTempDirectory("kernels");
    try (ExecutorService workers =
        Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors())) {
      List<Future<File>> results = new ArrayList<>();
      for (KernelFamily family : families) {
        for (int target : family.targets()) {
          Callable<File> work = () -> examine(family, target, known, temporary);
          results.add(workers.submit(work));
        }
      }
      List<File> files = new ArrayList<>();
      for (Future<File> result : results) {
        files.add(result.get());
      }
      return files;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      BuildKernels.delete(temporary);
    }
  }

  private static File examine(KernelFamily family, int target, List<File> known, Path temporary)
      throws IOException {
    Path file = family.ptx(KernelFamily.KERNELS, target);
    PtxFile ptx = PtxFile.of(file);
    String name = file.getFileName().toString();
    for (File old : known) {
      if (old.name().equals(name) && old.isOf(ptx, family)) {
        return old;
      }
    }
    List<EntryReport> entries = new ArrayList<>();
    ptx.threads()
        .forEach(
            (entry, threads) ->
                entries.add(
                    new EntryReport(
                        entry,
                        threads == 0 ? UNBOUNDED_THREADS : threads,
                        family.dynamicShared(entry),
                        new ArrayList<>())));
    for (int architecture : family.served(target)) {
      Path cubin = temporary.resolve(name + "." + architecture);
      List<Ptxas.Usage> usages = Ptxas.assemble(file, architecture, cubin);
      Map<String, Sass> sass = Sass.of(cubin);
      for (EntryReport entry : entries) {
        Ptxas.Usage usage =
            usages.stream().filter(u -> u.entry().equals(entry.name())).findFirst().orElseThrow();
        entry.on().add(on(architecture, entry, usage, sass.get(entry.name())));
      }
    }
    return new File(name, ptx.sha256(), entries);
  }

  private static EntryReport.On on(
      int architecture, EntryReport entry, Ptxas.Usage usage, Sass sass) {
    int shared = usage.shared() + entry.dynamicShared();
    return new EntryReport.On(
        architecture,
        usage.registers(),
        usage.spills(),
        usage.shared(),
        Architecture.of(architecture).occupancy(entry.threads(), usage.registers(), shared),
        sass.countInLoops(TENSOR),
        sass.count(WIDE_LOAD),
        sass.count(WIDE_STORE));
  }

  /** Says which entries break a rule. */
  static List<String> faults(List<File> files) {
    List<String> faults = new ArrayList<>();
    for (File file : files) {
      for (EntryReport entry : file.entries()) {
        for (EntryReport.On on : entry.on()) {
          String where = file.name() + ": " + entry.name() + " on sm_" + on.architecture();
          if (on.spills() > 0) {
            faults.add(where + " spills " + on.spills() + " bytes");
          }
          if (on.occupancy() == 0) {
            faults.add(where + " does not fit: registers or shared memory of one block");
          }
          if (entry.isTensor() && on.tensor() == 0) {
            faults.add(where + " has no tensor-core instruction in a loop");
          }
        }
      }
    }
    return faults;
  }

  private static List<String> outdated(Path file, String now) throws IOException {
    boolean current = Files.exists(file) && Files.readString(file).equals(now);
    return current ? List.of() : List.of(file + " is not current; run tools/kernel-report");
  }

  static String markdown(List<File> files) {
    StringBuilder text =
        new StringBuilder(
            """
            # The kernels, as the compiler sees them

            Written by `tools/kernel-report` from the committed PTX with ptxas 12.4.131 (sm_75 to sm_90), ptxas 13.0.88
            (sm_120) and nvdisasm 13.5.37; no card was involved. No entry spills.

            `threads` and `shared` (bytes) are of one block. A cell is registers of a thread and theoretical occupancy:
            the share of a multiprocessor's warps that registers, shared memory and block size let it hold; `-` means
            that another file serves this architecture. `tensor` counts tensor-core instructions inside loops, `wide`
            128-bit global loads and stores, both on the newest architecture.
            """);
    for (File file : files) {
      text.append("\n## ").append(file.name()).append("\n\n| entry | threads | shared |");
      KernelFamily.ARCHITECTURES.forEach(a -> text.append(" sm_").append(a).append(" |"));
      text.append(" tensor | wide |\n|---|---|---|");
      KernelFamily.ARCHITECTURES.forEach(_ -> text.append("---|"));
      text.append("---|---|\n");
      file.entries().forEach(entry -> text.append(entry.row()).append('\n'));
    }
    return text.toString();
  }
}
