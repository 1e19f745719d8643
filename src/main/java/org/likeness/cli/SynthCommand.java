package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.synthetic.Cast;
import org.likeness.faceset.synthetic.HeadRenderer;
import org.likeness.faceset.synthetic.Identity;
import org.likeness.faceset.synthetic.SceneRanges;
import org.likeness.faceset.synthetic.SyntheticFaceset;
import org.likeness.saehd.OptionTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code likeness synth}: renders aligned faces of people who do not exist. */
@Command(
    name = "synth",
    description =
        "Renders aligned faces of a person who does not exist, as files that every tool for"
            + " DeepFaceLab reads; with --truth, swaps together with their true answers.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    customSynopsis = "likeness synth --person NAME --output DIR [OPTIONS]",
    footer = {
      "",
      "Examples:",
      "  likeness synth --person ruth --output ruth --count 300",
      "  likeness synth --person 1234 --output someone --face-type f --size 128 --poses easy",
      "  likeness synth --person omar --truth ruth --output answers --count 20"
    })
final class SynthCommand implements Callable<Integer> {
  private final PrintStream out;

  @Spec private CommandSpec spec;

  @Option(
      names = "--person",
      required = true,
      paramLabel = "NAME",
      description = "ruth, omar, mei, otto, nia, leo, ines, kofi, or a number for somebody else.")
  private String person;

  @Option(
      names = "--output",
      required = true,
      paramLabel = "DIR",
      description = "A folder without pictures.")
  private Path output;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "200",
      description = "Faces to render; default ${DEFAULT-VALUE}.")
  private int count;

  @Option(
      names = "--size",
      paramLabel = "N",
      defaultValue = "256",
      description = "Side of each picture in pixels; default ${DEFAULT-VALUE}.")
  private int size;

  @Option(
      names = "--face-type",
      paramLabel = "h|mf|f|wf",
      defaultValue = "wf",
      description = "How much of the head is seen; default ${DEFAULT-VALUE}.")
  private String faceType;

  @Option(
      names = "--poses",
      paramLabel = "easy|full",
      defaultValue = "full",
      description = "Nearly frontal in even light, or everything; default ${DEFAULT-VALUE}.")
  private String poses;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "0",
      description = "Which series of scenes; default ${DEFAULT-VALUE}.")
  private long seed;

  @Option(names = "--masks", description = "Store the exact mask in each file, as XSeg's.")
  private boolean masks;

  @Option(
      names = "--truth",
      paramLabel = "NAME",
      description = "Write swaps with answers instead: DIR/dst has the person, DIR/truth this one.")
  private String truth;

  SynthCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() throws IOException {
    SyntheticFaceset.Request request =
        new SyntheticFaceset.Request(count, size, type(), ranges(), seed, masks);
    HeadRenderer who = new HeadRenderer(identity(person));
    if (truth == null) {
      SyntheticFaceset.write(output, who, request, this::progress);
    } else {
      HeadRenderer answer = new HeadRenderer(identity(truth));
      SyntheticFaceset.writeTruth(output, answer, who, request, this::progress);
    }
    out.printf(Locale.ROOT, "%d faces of %s in %s%n", count, who.identity().name(), output);
    return 0;
  }

  private synchronized void progress(int done) {
    if (done % 100 == 0 && done < count) {
      out.printf(Locale.ROOT, "%d of %d faces%n", done, count);
    }
  }

  private static Identity identity(String name) {
    return name.matches("[0-9]{1,18}") ? Cast.random(Long.parseLong(name)) : Cast.named(name);
  }

  private FaceType type() {
    OptionTable.FACE_TYPE.kind().check("--face-type", faceType);
    return FaceType.ofOption(faceType).orElseThrow();
  }

  private SceneRanges ranges() {
    return switch (poses) {
      case "easy" -> SceneRanges.easy();
      case "full" -> SceneRanges.full();
      default ->
          throw new ParameterException(spec.commandLine(), "--poses is easy or full, not " + poses);
    };
  }
}
