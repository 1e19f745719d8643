package org.likeness.saehd;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An option of the originals that is not built yet (spec model.md 1.2, 1.3, 1.6). A file may set it
 * to a value that changes nothing, so that DeepFaceLab's files are readable; any other value is
 * refused by name.
 *
 * @param harmless values that ask for nothing; empty when every value does (the option only tunes
 *     another one that is refused, or the originals never use it)
 */
public record UnbuiltOption(String name, List<String> harmless) {
  private static final List<UnbuiltOption> ALL =
      List.of(
          of("random_flip"),
          of("gan_version"),
          of("force_full_preview"), // a preview here always has its five columns
          of("src_pak_name", "faceset"),
          of("dst_pak_name", "faceset"));

  private static final Map<String, UnbuiltOption> BY_NAME =
      ALL.stream().collect(Collectors.toUnmodifiableMap(UnbuiltOption::name, Function.identity()));

  private static UnbuiltOption of(String name, String... harmless) {
    return new UnbuiltOption(name, Arrays.asList(harmless));
  }

  /** All of them, for the command line to refuse by name. */
  public static List<UnbuiltOption> all() {
    return ALL;
  }

  static Stream<String> names() {
    return BY_NAME.keySet().stream();
  }

  /** Whether {@code name} is such an option; refuses it when {@code text} asks for something. */
  static boolean accepts(String name, String text) {
    UnbuiltOption option = BY_NAME.get(name);
    if (option == null) {
      return false;
    }
    if (!option.harmless.isEmpty() && option.harmless.stream().noneMatch(v -> same(v, text))) {
      throw new InvalidOptionException(
          "%s is not supported yet: leave it out or set it to %s"
              .formatted(name, option.harmless.get(0).isEmpty() ? "\"\"" : option.harmless.get(0)));
    }
    return true;
  }

  private static boolean same(String harmless, String text) {
    try {
      return Double.parseDouble(harmless) == Double.parseDouble(text);
    } catch (NumberFormatException e) {
      return harmless.equalsIgnoreCase(text.strip());
    }
  }
}
