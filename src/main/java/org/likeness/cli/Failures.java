package org.likeness.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.likeness.cuda.CudaException;
import org.likeness.device.DeviceMemoryException;
import org.likeness.saehd.InvalidOptionException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what went wrong into one sentence and an exit status; stack traces go to a file. */
final class Failures {
  private static final int FAILED = 1;
  private static final int WRONG_COMMAND_LINE = 2;

  private Failures() {}

  static int wrongCommandLine(ParameterException e, String[] args) {
    CommandLine command = e.getCommandLine();
    PrintWriter err = command.getErr();
    err.println("likeness: " + e.getMessage());
    if (!UnmatchedArgumentException.printSuggestions(e, err)) {
      err.println("See: " + command.getCommandSpec().qualifiedName() + " --help");
    }
    return WRONG_COMMAND_LINE;
  }

  static int report(Throwable failure, PrintStream err) {
    Optional<String> sentence = sentence(failure);
    if (sentence.isPresent()) {
      err.println("likeness: " + sentence.get());
      return failure instanceof InvalidOptionException ? WRONG_COMMAND_LINE : FAILED;
    }
    err.println(
        "likeness: something unexpected happened (%s); please report it, with %s"
            .formatted(failure, log(failure)));
    return FAILED;
  }

  /** What to tell about a failure that was foreseen; empty if it was not. */
  private static Optional<String> sentence(Throwable failure) {
    return switch (failure) {
      case UncheckedIOException e -> sentence(e.getCause());
      case NoSuchFileException e -> Optional.of("there is no " + e.getFile());
      case AccessDeniedException e ->
          Optional.of(e.getFile() + " may not be read or written; check its permissions");
      case FileSystemException e when e.getReason() != null ->
          Optional.of(e.getFile() + ": " + e.getReason());
      case IOException e -> Optional.ofNullable(e.getMessage());
      case OutOfMemoryError e ->
          Optional.of(
              "Java ran out of memory; lower --batch-size or --resolution, or allow it more with"
                  + " JAVA_TOOL_OPTIONS=-Xmx4g");
      case DeviceMemoryException e -> Optional.ofNullable(e.getMessage());
      case CudaException e ->
          Optional.of(
              e.getMessage()
                  + (e.sticky()
                      ? "; the GPU is unusable for this process, what was last saved is whole:"
                          + " start again"
                      : ""));
      case IllegalArgumentException e when isOurs(e) -> Optional.ofNullable(e.getMessage());
      default -> Optional.empty();
    };
  }

  /** Our own refusals are sentences for people; the libraries' are not. */
  private static boolean isOurs(Exception e) {
    StackTraceElement[] trace = e.getStackTrace();
    return trace.length > 0 && trace[0].getClassName().startsWith("org.likeness.");
  }

  private static String log(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace, true));
    try {
      Path log = Files.createTempFile("likeness-", ".log");
      Files.writeString(log, trace.toString());
      return "the details in " + log;
    } catch (IOException e) {
      return "these details: " + trace;
    }
  }
}
