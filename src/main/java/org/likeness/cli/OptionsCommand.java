package org.likeness.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.likeness.saehd.Option;
import org.likeness.saehd.OptionCost;
import org.likeness.saehd.OptionTable;
import picocli.CommandLine.Command;

/** {@code likeness options}: what every option of a session means. */
@Command(
    name = "options",
    description = {
      "Prints every option of train: type, range, default, which original has it, whether a"
          + " session",
      "that exists may have it changed, what it costs in memory, and a sentence of advice."
    },
    mixinStandardHelpOptions = true,
    footer = {
      "",
      "Memory is planned, not measured: by how much one training step of the default model grows",
      "with the value named (df-ud in place of liae-ud where the option needs it).",
      "--json prints {options: [{name, flag, type, range, default, dialect, may_change,",
      "memory: {value, bytes}, advice}]}; memory is absent where it does not change."
    })
final class OptionsCommand implements Callable<Integer> {
  private final PrintStream out;

  @picocli.CommandLine.Option(names = "--json", description = "Print one JSON object instead.")
  private boolean json;

  @picocli.CommandLine.Option(
      names = "--markdown",
      hidden = true,
      description = "Print the README's table instead.")
  private boolean markdown;

  OptionsCommand(PrintStream out) {
    this.out = out;
  }

  @Override
  public Integer call() {
    if (markdown) {
      out.print(markdown());
    } else if (json) {
      List<Map<String, Object>> options =
          OptionTable.ALL.stream().map(OptionsCommand::json).toList();
      Json.print(out, Map.of("options", options));
    } else {
      print();
    }
    return 0;
  }

  /** The README's table: a row for each option. */
  static String markdown() {
    List<String> lines = new ArrayList<>();
    lines.add("| option | values | default | of | may change | |");
    lines.add("|---|---|---|---|---|---|");
    for (Option<?> option : OptionTable.ALL) {
      lines.add(
          "| `%s` | %s | %s | %s | %s | %s |"
              .formatted(
                  option.name(),
                  option.allowed(),
                  option.shown().isEmpty() ? "none" : option.shown(),
                  option.origin().word(),
                  option.change().words(),
                  option.help()));
    }
    return String.join("\n", lines) + "\n";
  }

  private void print() {
    Option.Group group = null;
    for (Option<?> option : OptionTable.ALL) {
      if (option.group() != group) {
        group = option.group();
        out.println(group.heading() + ":");
      }
      out.printf(
          Locale.ROOT,
          "  %s: %s (%s), default %s; of: %s; may change: %s; memory: %s%n      %s%n",
          option.name(),
          option.type(),
          option.allowed(),
          option.shown().isEmpty() ? "none" : option.shown(),
          option.origin().word(),
          option.change().words(),
          OptionCost.of(option).map(OptionsCommand::words).orElse("no change"),
          option.help());
    }
  }

  private static String words(OptionCost cost) {
    return String.format(Locale.ROOT, "%+.1f MB with %s", cost.bytes() / 1e6, cost.value());
  }

  private static Map<String, Object> json(Option<?> option) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", option.name());
    json.put("flag", option.flag());
    json.put("type", option.type());
    json.put("range", option.allowed());
    json.put("default", option.preset());
    json.put("dialect", option.origin().word());
    json.put("may_change", option.change().words());
    OptionCost.of(option)
        .ifPresent(
            cost -> json.put("memory", Map.of("value", cost.value(), "bytes", cost.bytes())));
    json.put("advice", option.help());
    return json;
  }
}
