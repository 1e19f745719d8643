package org.likeness.benchmarks;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Objects;

/** A line of the table: all runs of one side at one workload. */
record Row(
    @JsonProperty("workload") String workload,
    @JsonProperty("side") String side,
    @JsonProperty("median_ms") double medianMs,
    @JsonProperty("min_ms") double minMs,
    @JsonProperty("steps") int steps,
    @JsonProperty("peak_mib") Long peakMib,
    @JsonProperty("start_mib") Long startMib,
    @JsonProperty("activation_mib") Long activationMib,
    @JsonProperty("version") String version) {
  /** Sums up the runs of one side. */
  static Row of(Workload workload, Side side, List<SideResult> runs) {
    double[] times =
        runs.stream()
            .flatMap(run -> run.stepMs().stream())
            .mapToDouble(ms -> ms)
            .sorted()
            .toArray();
    int middle = times.length / 2;
    double median = times.length % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
    return new Row(
        workload.toString(),
        side.name(),
        median,
        times[0],
        times.length,
        highestMib(runs.stream().map(SideResult::peakBytes).toList()),
        highestMib(runs.stream().map(SideResult::startBytes).toList()),
        highestMib(runs.stream().map(SideResult::activationBytes).toList()),
        runs.getFirst().version());
  }

  private static Long highestMib(List<Long> bytes) {
    return bytes.stream()
        .filter(Objects::nonNull)
        .max(Long::compare)
        .map(b -> b / (1L << 20))
        .orElse(null);
  }
}
