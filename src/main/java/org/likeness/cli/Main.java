package org.likeness.cli;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The command line of Likeness: {@code likeness COMMAND [OPTIONS]}. */
@Command(
    name = "likeness",
    description = {
      "Trains SAEHD, the face autoencoder of DeepFaceLab, and swaps faces with it.",
      "",
      "Begin with: likeness demo"
    },
    mixinStandardHelpOptions = true,
    version = "likeness 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      SynthCommand.class,
      TrainCommand.class,
      PredictCommand.class,
      VerifyCommand.class,
      InspectCommand.class,
      VramCommand.class,
      DoctorCommand.class,
      OptionsCommand.class,
      FacesetCommand.class,
      BenchCommand.class
    })
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    System.setProperty("java.util.logging.SimpleFormatter.format", "likeness: %5$s%n");
    System.exit(run(System.out, System.err, args));
  }

  /** A converter whose refusal is not in Java's words. */
  private static <T> ITypeConverter<T> numbers(Function<String, T> parser, String kind) {
    return text -> {
      try {
        return parser.apply(text);
      } catch (NumberFormatException e) {
        throw new TypeConversionException(text + " is no " + kind);
      }
    };
  }

  /** Runs one command: 0 is success, 1 a failure told in one sentence, 2 a wrong command line. */
  static int run(PrintStream out, PrintStream err, String... args) {
    CommandLine line =
        new CommandLine(new Main(), new Commands(out, err))
            .setOut(new PrintWriter(out, true, out.charset()))
            .setErr(new PrintWriter(err, true, err.charset()))
            .setUsageHelpAutoWidth(true)
            .registerConverter(int.class, numbers(Integer::valueOf, "whole number"))
            .registerConverter(long.class, numbers(Long::valueOf, "whole number"))
            .registerConverter(double.class, numbers(Double::valueOf, "number"))
            .setParameterExceptionHandler(Failures::wrongCommandLine)
            .setExecutionExceptionHandler((e, command, parsed) -> Failures.report(e, err));
    OptionFlags.addTo(line.getSubcommands().get("train").getCommandSpec());
    OptionFlags.addTo(line.getSubcommands().get("inspect").getCommandSpec());
    OptionFlags.addTo(line.getSubcommands().get("vram").getCommandSpec());
    try {
      return line.execute(args);
    } catch (StackOverflowError | OutOfMemoryError | LinkageError e) {
      return Failures.report(e, err);
    }
  }
}
