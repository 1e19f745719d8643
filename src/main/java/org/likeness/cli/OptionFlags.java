package org.likeness.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.likeness.saehd.Option;
import org.likeness.saehd.OptionKind;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.UnbuiltOption;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The flags of {@code train} that set SAEHD's options, all made from {@link OptionTable}. */
final class OptionFlags {
  private OptionFlags() {}

  /**
   * Adds every option under its group's heading, and the ones not built yet, hidden, so that they
   * are refused by name instead of as unknown.
   */
  static void addTo(CommandSpec command) {
    int order = 10;
    for (Option.Group group : Option.Group.values()) {
      ArgGroupSpec.Builder heading =
          ArgGroupSpec.builder()
              .heading("%n" + group.heading() + ":%n")
              .exclusive(false)
              .validate(false)
              .order(order++);
      for (Option<?> option : OptionTable.ALL) {
        if (option.group() == group) {
          heading.addArg(flag(option));
        }
      }
      command.addArgGroup(heading.build());
    }
    for (UnbuiltOption option : UnbuiltOption.all()) {
      command.addOption(
          OptionSpec.builder("--" + option.name().replace('_', '-'))
              .type(String.class)
              .arity("0..1")
              .fallbackValue("true")
              .hidden(true)
              .build());
    }
  }

  private static OptionSpec flag(Option<?> option) {
    OptionSpec.Builder spec =
        OptionSpec.builder(option.flag()).description(option.helpLine().replace("%", "%%"));
    return switch (option.kind()) {
      case OptionKind.Flag flag ->
          spec.type(Boolean.class).arity("0").negatable(true).fallbackValue("true").build();
      case OptionKind.Whole whole -> spec.type(String.class).paramLabel("N").build();
      case OptionKind.Real real -> spec.type(String.class).paramLabel("X").build();
      case OptionKind.Choice choice ->
          spec.type(String.class).paramLabel(String.join("|", choice.words())).build();
      case OptionKind.Archi archi -> spec.type(String.class).paramLabel("ARCHI").build();
      case OptionKind.Layers layers ->
          spec.type(String.class).paramLabel("none|auto|LAYERS").build();
      case OptionKind.Recipe recipe -> spec.type(String.class).paramLabel("PHASES").build();
      case OptionKind.Label label -> spec.type(String.class).paramLabel("WORD").build();
      case OptionKind.Shadow shadow ->
          spec.type(String.class).paramLabel("none|on|NUMBERS").build();
    };
  }

  /** What the command line sets, keyed by the names used in files. */
  static Map<String, String> given(ParseResult parsed) {
    Map<String, String> given = new LinkedHashMap<>();
    for (Option<?> option : OptionTable.ALL) {
      put(given, option.name(), parsed);
    }
    for (UnbuiltOption option : UnbuiltOption.all()) {
      put(given, option.name(), parsed);
    }
    return given;
  }

  private static void put(Map<String, String> given, String name, ParseResult parsed) {
    Object value = parsed.matchedOptionValue("--" + name.replace('_', '-'), null);
    if (value != null) {
      given.put(name, value.toString());
    }
  }
}
