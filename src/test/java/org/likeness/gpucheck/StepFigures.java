package org.likeness.gpucheck;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole steps among the results. */
final class StepFigures {
  /** The standard workloads (DESIGN 8), in the order in which they are run. */
  static final List<String> WORKLOADS = List.of("S", "M", "L");

  private StepFigures() {}

  static String stage(String workload) {
    return "step-" + workload.toLowerCase(Locale.ROOT);
  }

  /** Returns each side of each workload that was run. */
  static List<JsonNode> all(CheckResults results) {
    List<JsonNode> all = new ArrayList<>();
    for (String workload : WORKLOADS) {
      results
          .outcome(stage(workload))
          .ifPresent(
              outcome -> {
                JsonNode figures = JsonMapper.shared().valueToTree(outcome.figures());
                figures.path("sides").forEach(all::add);
              });
    }
    return all;
  }

  /** Returns a side's number, if it was measured. */
  static Optional<Double> number(
      CheckResults results, String workload, String side, String figure) {
    return all(results).stream()
        .filter(each -> each.path("workload").asString().equals(workload))
        .filter(each -> each.path("side").asString().equals(side))
        .map(each -> each.path(figure))
        .filter(JsonNode::isNumber)
        .map(JsonNode::asDouble)
        .findFirst();
  }
}
