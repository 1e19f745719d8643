package org.likeness.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * One table of results.
 *
 * @param rows each as long as the columns, of texts and numbers; null is a cell with nothing in it
 * @param notes what a reader must know of them, and what was skipped and why
 */
record Table(
    @JsonProperty("title") String title,
    @JsonProperty("columns") List<String> columns,
    @JsonProperty("rows") List<List<Object>> rows,
    @JsonProperty("notes") List<String> notes) {
  /** Returns a table of nothing but the reason. */
  static Table skipped(String title, String reason) {
    return new Table(title, List.of(), List.of(), List.of("Skipped: " + reason));
  }

  /** Returns it as Markdown, numbers to the right. */
  String markdown() {
    StringBuilder text = new StringBuilder("## " + title + "\n\n");
    if (!rows.isEmpty()) {
      text.append(line(columns));
      text.append(line(rows.getFirst().stream().map(Table::rule).toList()).replace(" ", ""));
      rows.forEach(row -> text.append(line(row)));
      text.append("\n");
    }
    notes.forEach(note -> text.append(note).append("\n\n"));
    return text.toString();
  }

  /** Returns it as CSV with a heading. */
  String csv() {
    String heading = columns.stream().map(Table::quoted).collect(Collectors.joining(",", "", "\n"));
    return rows.stream()
        .map(row -> row.stream().map(Table::quoted).collect(Collectors.joining(",", "", "\n")))
        .collect(Collectors.joining("", heading, ""));
  }

  private static String line(List<?> cells) {
    return cells.stream().map(Table::shown).collect(Collectors.joining(" | ", "| ", " |\n"));
  }

  private static String rule(Object cell) {
    return cell instanceof Number ? "---:" : "---";
  }

  private static String shown(Object cell) {
    return switch (cell) {
      case Double d when d != 0 && Math.abs(d) < 0.1 -> String.format(Locale.ROOT, "%.2g", d);
      case Double d -> String.format(Locale.ROOT, d < 10 ? "%.2f" : "%.1f", d);
      case null, default -> Objects.toString(cell, "");
    };
  }

  private static String quoted(Object cell) {
    String text = Objects.toString(cell, "");
    return text.matches("[^\",\\n]*") ? text : "\"" + text.replace("\"", "\"\"") + "\"";
  }
}
