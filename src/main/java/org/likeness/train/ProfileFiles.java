package org.likeness.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.likeness.graph.Node;
import org.likeness.graph.Reduction;
import org.likeness.graph.Work;
import tools.jackson.databind.json.JsonMapper;

/** The three files of a profile: for Perfetto, for a table, for a program. */
final class ProfileFiles {
  static final String TRACE = "trace.json";
  static final String VALUES = "values.csv";
  static final String REPORT = "profile.json";

  private ProfileFiles() {}

  static void write(Path folder, Profile profile) throws IOException {
    try {
      Files.createDirectories(folder);
      JsonMapper json = JsonMapper.shared();
      Files.write(folder.resolve(TRACE), json.writeValueAsBytes(ProfileTrace.of(profile)));
      Files.write(folder.resolve(VALUES), values(profile));
      Files.write(folder.resolve(REPORT), json.writeValueAsBytes(report(profile)));
    } catch (IOException e) {
      throw SessionException.at("cannot write the profile", folder, e);
    }
  }

  private static List<String> values(Profile profile) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "iteration,kind,pass,layer,value,shape,type,"
            + String.join(",", Reduction.Statistics.NAMES));
    for (Profile.Value v : profile.values()) {
      lines.add(
          String.join(
              ",",
              Long.toString(v.iteration()),
              kind(v),
              v.name().pass(),
              v.name().layer(),
              v.of().value().name(),
              v.of().value().shape().toString().replaceAll("[()]", "").replace(',', 'x'),
              v.of().value().dtype().name().toLowerCase(Locale.ROOT),
              Float.toString(v.statistics()[0]),
              Float.toString(v.statistics()[1]),
              Float.toString(v.statistics()[2]),
              Float.toString(v.statistics()[3])));
    }
    return lines;
  }

  private static String kind(Profile.Value v) {
    return v.of().kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  private static Map<String, Object> report(Profile profile) {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("device", profile.device());
    report.put("first", profile.first());
    report.put("last", profile.last());
    report.put("milliseconds", profile.milliseconds());
    report.put("plannedBytes", profile.plannedBytes());
    report.put("measuredBytes", profile.measuredBytes());
    report.put("dead", profile.deadNames());
    report.put("layers", profile.layers().stream().map(ProfileFiles::layer).toList());
    List<Map<String, Object>> values = new ArrayList<>();
    for (Profile.Value v : profile.values()) {
      if (v.iteration() == profile.last()) {
        values.add(value(v));
      }
    }
    report.put("values", values);
    report.put("nodes", nodes(profile));
    return report;
  }

  private static Map<String, Object> layer(Profile.Layer layer) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("layer", layer.name());
    json.put("milliseconds", layer.total());
    layer.milliseconds().forEach((phase, time) -> json.put(phase.toString(), time));
    json.put("flops", layer.flops());
    return json;
  }

  private static Map<String, Object> value(Profile.Value v) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("value", v.of().value().name());
    json.put("kind", kind(v));
    json.put("layer", v.name().layer());
    json.put("pass", v.name().pass());
    json.put("shape", v.of().value().shape().dims());
    for (int i = 0; i < v.statistics().length; i++) {
      double number = v.statistics()[i];
      json.put(Reduction.Statistics.NAMES.get(i), Double.isFinite(number) ? number : null);
    }
    return json;
  }

  /** The nodes of every program's last run. */
  private static List<Map<String, Object>> nodes(Profile profile) {
    List<Map<String, Object>> nodes = new ArrayList<>();
    int program = 0;
    for (ProfiledStep step : profile.steps()) {
      if (step.iteration() == profile.last()) {
        List<NodeName> names = NodeName.of(step.plan().graph());
        List<Map<String, Long>> alive = ProfiledStep.alive(step.plan());
        for (int i = 0; i < names.size(); i++) {
          Node node = step.plan().graph().nodes().get(i);
          Map<String, Object> json = new LinkedHashMap<>();
          json.put("program", program);
          json.put("node", i);
          json.put("op", node.op().name());
          json.put("value", names.get(i).value());
          json.put("layer", names.get(i).layer());
          json.put("pass", names.get(i).pass());
          json.put("phase", names.get(i).phase().toString());
          json.put("milliseconds", step.nanos()[i] / 1e6);
          json.put("flops", Work.flops(node));
          json.put("alive", alive.get(i).values().stream().mapToLong(Long::longValue).sum());
          nodes.add(json);
        }
        program++;
      }
    }
    return nodes;
  }
}
