package org.likeness.cli;

import picocli.CommandLine.Command;

/** {@code likeness bench}: measures parts of Likeness on this machine. */
@Command(
    name = "bench",
    description = "Measures parts of Likeness on this machine.",
    mixinStandardHelpOptions = true,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {BenchDataCommand.class, BenchKernelsCommand.class})
final class BenchCommand {}
