package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.faceset.ContactSheet;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.FacesetReport;
import org.likeness.faceset.PakFiles;
import org.likeness.faceset.SkippedFace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code likeness faceset}: tells what a folder of faces holds, packs and unpacks it. */
@Command(
    name = "faceset",
    description =
        "Tells what a folder of aligned faces holds: sizes, types, where they look, masks,"
            + " duplicates, blurry and broken files. pack and unpack turn it into one faceset.pak"
            + " and back, and delete nothing.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = {
      "likeness faceset DIR [--json] [--contact-sheet PNG]",
      "       likeness faceset pack|unpack DIR"
    },
    footer = {
      "",
      "Examples:",
      "  likeness faceset a/aligned --contact-sheet a.png",
      "  likeness faceset pack a/aligned",
      "",
      "--json prints {folder, faces, sizes, types, yaw, pitch, bin_edges, masks, duplicates,",
      "blurry, broken}: yaw and pitch count faces in bins of 15 degrees."
    })
final class FacesetCommand implements Callable<Integer> {
  private static final int LISTED = 10;
  private static final int BAR = 40;

  private final PrintStream out;

  @Spec private CommandSpec spec;

  @Parameters(index = "0", paramLabel = "DIR", arity = "0..1", description = "Aligned faces.")
  private Path folder;

  @Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @Option(
      names = "--contact-sheet",
      paramLabel = "PNG",
      description = "Also draw up to 400 faces on this picture.")
  private Path contactSheet;

  FacesetCommand(PrintStream out) {
    this.out = out;
  }

  @Command(
      name = "pack",
      description = "Writes DIR/faceset.pak from the faces in DIR, or in its folders of persons.",
      mixinStandardHelpOptions = true)
  int pack(@Parameters(paramLabel = "DIR", description = "Aligned faces.") Path dir)
      throws IOException {
    PakFiles.Outcome outcome = PakFiles.pack(dir);
    out.printf(Locale.ROOT, "%d faces packed into %s%n", outcome.faces(), outcome.pak());
    list("skipped", outcome.skipped());
    return 0;
  }

  @Command(
      name = "unpack",
      description = "Writes the faces of DIR/faceset.pak into DIR.",
      mixinStandardHelpOptions = true)
  int unpack(@Parameters(paramLabel = "DIR", description = "Where the pak is.") Path dir)
      throws IOException {
    PakFiles.Outcome outcome = PakFiles.unpack(dir);
    out.printf(Locale.ROOT, "%d faces unpacked from %s%n", outcome.faces(), outcome.pak());
    list("lost", outcome.skipped());
    return 0;
  }

  @Override
  public Integer call() throws IOException {
    if (folder == null) {
      throw new ParameterException(spec.commandLine(), "Missing required parameter: 'DIR'");
    }
    Faceset faceset = Faceset.load(folder);
    FacesetReport report = FacesetReport.of(faceset);
    if (json) {
      Json.print(out, json(report));
    } else {
      print(report);
    }
    if (contactSheet != null) {
      int shown = ContactSheet.write(faceset, contactSheet);
      if (!json) {
        out.printf(Locale.ROOT, "contact sheet of %d faces: %s%n", shown, contactSheet);
      }
    }
    return 0;
  }

  private Map<String, Object> json(FacesetReport report) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("folder", folder.toString());
    json.put("faces", report.faceset().faces().size());
    json.put("sizes", report.sizes());
    json.put("types", report.types());
    json.put("yaw", report.yaw());
    json.put("pitch", report.pitch());
    json.put("bin_edges", FacesetReport.binEdges());
    json.put("masks", report.masks());
    json.put("duplicates", report.duplicates());
    json.put("blurry", report.blurry());
    Map<String, String> broken = new LinkedHashMap<>();
    report.broken().forEach(face -> broken.put(face.name(), face.reason()));
    json.put("broken", broken);
    return json;
  }

  private void print(FacesetReport report) {
    int count = report.faceset().faces().size();
    out.printf(Locale.ROOT, "%d faces in %s%n", count, folder);
    report.types().forEach((type, n) -> out.printf(Locale.ROOT, "  %-18s %6d%n", type, n));
    report.sizes().forEach((size, n) -> out.printf(Locale.ROOT, "  %-18s %6d%n", size, n));
    out.printf(Locale.ROOT, "  %-18s %6d%n", "with XSeg mask", report.masks());
    histogram("yaw (positive looks to the left of the picture)", report.yaw(), count);
    histogram("pitch (positive looks up)", report.pitch(), count);
    if (!report.duplicates().isEmpty()) {
      out.printf(
          Locale.ROOT, "%d pictures are there more than once:%n", report.duplicates().size());
      listed(report.duplicates().stream().map(group -> String.join(" = ", group)).toList());
    }
    if (!report.blurry().isEmpty()) {
      out.printf(Locale.ROOT, "%d blurry:%n", report.blurry().size());
      listed(report.blurry());
    }
    list("broken", report.broken());
  }

  private void histogram(String title, int[] bins, int count) {
    out.println(title);
    int[] edges = FacesetReport.binEdges();
    for (int i = 0; i < bins.length; i++) {
      if (bins[i] > 0) {
        String bar = "#".repeat(Math.max(1, bins[i] * BAR / count));
        out.printf(Locale.ROOT, "  %4d to %3d  %6d %s%n", edges[i], edges[i] + 15, bins[i], bar);
      }
    }
  }

  private void list(String what, List<SkippedFace> faces) {
    if (!faces.isEmpty()) {
      out.printf(Locale.ROOT, "%d %s:%n", faces.size(), what);
      listed(faces.stream().map(face -> face.name() + " " + face.reason()).toList());
    }
  }

  private void listed(List<String> lines) {
    lines.stream().limit(LISTED).forEach(line -> out.println("  " + line));
    if (lines.size() > LISTED) {
      out.printf(Locale.ROOT, "  and %d more%n", lines.size() - LISTED);
    }
  }
}
