package org.likeness.cuda;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.likeness.testing.CCompiler;

/**
 * The prototypes of cuda.h under the names that the library exports: the preprocessor puts in the
 * header's own renames.
 *
 * @param functions parameter types by function, as C writes them
 */
record CudaHeader(Map<String, List<String>> functions, Map<String, String> typedefs) {
  private static final Pattern FUNCTION =
      Pattern.compile("CUresult\\s+(cu\\w+)\\s*\\(([^;]*?)\\)\\s*;");
  private static final Pattern ALIAS =
      Pattern.compile("typedef\\s+((?:unsigned )?[\\w ]+?)\\s*(\\*?)\\s*(\\w+)\\s*;");
  private static final Pattern NAMED = Pattern.compile("(.*?[\\s*])\\w+");

  static CudaHeader read(Path include, Path folder) throws Exception {
    String text = CCompiler.preprocess(include, "#include <cuda.h>\n", folder);
    Map<String, List<String>> functions = new HashMap<>();
    Matcher function = FUNCTION.matcher(text);
    while (function.find()) {
      functions.put(function.group(1), parameters(function.group(2)));
    }
    Map<String, String> typedefs = new HashMap<>();
    // the bodies of structs and enums go, their names stay
    Matcher alias = ALIAS.matcher(text.replaceAll("\\{[^{}]*\\}", ""));
    while (alias.find()) {
      typedefs.put(alias.group(3), alias.group(1) + alias.group(2));
    }
    return new CudaHeader(functions, typedefs);
  }

  private static List<String> parameters(String list) {
    String text = list.strip();
    return text.isEmpty() || text.equals("void")
        ? List.of()
        : Arrays.stream(text.split(",")).map(CudaHeader::type).toList();
  }

  /** Drops a parameter's name. */
  private static String type(String parameter) {
    Matcher named = NAMED.matcher(parameter.strip().replaceAll("\\s+", " "));
    return named.matches() ? named.group(1).strip() : parameter;
  }

  /** Returns what a C type is to a call: "pointer", "int", "int64" or "byte". */
  String kind(String type) {
    String plain = type.replace("const ", "").strip();
    if (plain.endsWith("*")) {
      return "pointer";
    }
    return switch (plain) {
      case "int", "unsigned int" -> "int";
      case "size_t", "unsigned long long", "long unsigned int", "uint64_t" -> "int64";
      case "unsigned char" -> "byte";
      default -> {
        String meaning = typedefs.get(plain);
        if (meaning == null) {
          throw new IllegalArgumentException("what is " + type + "?");
        }
        yield meaning.startsWith("enum") ? "int" : kind(meaning);
      }
    };
  }
}
