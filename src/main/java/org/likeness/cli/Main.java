package org.likeness.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of Likeness: {@code likeness COMMAND [OPTIONS]}. */
@Command(
    name = "likeness",
    description = "Trains SAEHD, the face autoencoder of DeepFaceLab.",
    mixinStandardHelpOptions = true)
public final class Main {
  private Main() {}

  /** Runs one command and exits with its status. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Main()).execute(args));
  }
}
