package org.likeness.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The report as {@code kernels/report.json}: a line for each file, entry and architecture. */
final class ReportText {
  private static final Pattern LINE =
      Pattern.compile(
          "\\{\"file\": \"(?<file>[\\w.]+)\", \"sha256\": \"(?<sha>\\w+)\".*"
              + "|\\{\"entry\": \"(?<entry>\\w+)\", \"threads\": (?<threads>\\d+),"
              + " \"dynamicShared\": (?<dynamic>\\d+).*"
              + "|\\{\"sm\": .*");
  private static final Pattern NUMBER = Pattern.compile("\": (\\d+)");

  private ReportText() {}

  static String write(List<KernelReport.File> files) {
    StringBuilder text = new StringBuilder("{\n  \"files\": [\n");
    text.append(String.join(",\n", files.stream().map(KernelReport.File::json).toList()));
    return text.append("\n  ]\n}\n").toString();
  }

  /** Reads what {@link #write} wrote. */
  static List<KernelReport.File> read(String json) {
    List<KernelReport.File> files = new ArrayList<>();
    for (String line : json.lines().map(String::strip).toList()) {
      Matcher m = LINE.matcher(line);
      if (!m.matches()) {
        continue;
      }
      if (m.group("file") != null) {
        files.add(new KernelReport.File(m.group("file"), m.group("sha"), new ArrayList<>()));
      } else if (m.group("entry") != null) {
        int threads = Integer.parseInt(m.group("threads"));
        int dynamic = Integer.parseInt(m.group("dynamic"));
        EntryReport entry = new EntryReport(m.group("entry"), threads, dynamic, new ArrayList<>());
        files.getLast().entries().add(entry);
      } else {
        List<Integer> n =
            NUMBER.matcher(line).results().map(r -> Integer.valueOf(r.group(1))).toList();
        files
            .getLast()
            .entries()
            .getLast()
            .on()
            .add(
                new EntryReport.On(
                    n.get(0), n.get(1), n.get(2), n.get(3), n.get(4), n.get(5), n.get(6),
                    n.get(7)));
      }
    }
    return files;
  }
}
