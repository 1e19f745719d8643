package org.likeness.cli;

import java.io.PrintStream;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Prints figures for programs: one JSON object on one line. */
final class Json {
  private static final JsonMapper MAPPER = JsonMapper.shared();

  private Json() {}

  static void print(PrintStream out, Map<String, ?> figures) {
    out.println(MAPPER.writeValueAsString(figures));
    out.flush();
  }
}
