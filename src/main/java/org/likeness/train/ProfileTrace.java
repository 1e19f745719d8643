package org.likeness.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.Node;
import org.likeness.graph.Work;
import org.likeness.train.NodeName.Phase;

/**
 * A profile as events of the Trace Event Format, which Perfetto and Chrome show: slices of steps,
 * passes, layers and nodes inside one another, and the slab's bytes as counters. Nodes follow each
 * other without the gaps between them, which the time of a node does not tell.
 */
final class ProfileTrace {
  private final List<Map<String, Object>> events = new ArrayList<>();

  private ProfileTrace() {}

  /** Returns the trace's JSON object. */
  static Map<String, Object> of(Profile profile) {
    ProfileTrace trace = new ProfileTrace();
    trace.named("process_name", profile.device());
    trace.named("thread_name", "iterations");
    for (ProfiledStep step : profile.steps()) {
      trace.add(step);
    }
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("displayTimeUnit", "ms");
    json.put("traceEvents", trace.events);
    return json;
  }

  private void named(String what, String name) {
    Map<String, Object> event = event(what, "M", 0);
    event.put("args", Map.of("name", name));
  }

  private Map<String, Object> event(String name, String phase, double microseconds) {
    Map<String, Object> event = new LinkedHashMap<>();
    event.put("name", name);
    event.put("ph", phase);
    event.put("ts", microseconds);
    event.put("pid", 1);
    event.put("tid", 1);
    events.add(event);
    return event;
  }

  private Map<String, Object> slice(String name, double start, double end) {
    Map<String, Object> slice = event(name, "X", start);
    slice.put("dur", end - start);
    return slice;
  }

  private void add(ProfiledStep step) {
    List<Node> nodes = step.plan().graph().nodes();
    List<NodeName> names = NodeName.of(step.plan().graph());
    List<Map<String, Long>> alive = ProfiledStep.alive(step.plan());
    double[] at = new double[nodes.size() + 1];
    at[0] = step.startNanos() / 1e3;
    for (int i = 0; i < nodes.size(); i++) {
      at[i + 1] = at[i] + step.nanos()[i] / 1e3;
    }
    slice("iteration " + step.iteration(), at[0], at[nodes.size()]);
    List<String> passes = passes(names);
    runs(passes, passes, at);
    List<String> layers = new ArrayList<>();
    for (int i = 0; i < nodes.size(); i++) {
      layers.add(passes.get(i) + "/" + names.get(i).layer());
    }
    runs(layers, names.stream().map(NodeName::layer).toList(), at);
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      Map<String, Object> slice =
          slice(node.op().name() + " " + names.get(i).value(), at[i], at[i + 1]);
      slice.put("cat", names.get(i).phase().toString());
      Map<String, Object> facts = new LinkedHashMap<>();
      node.outputs()
          .forEach(t -> facts.put(t.name(), t.shape().toString() + ", " + t.bytes() + " bytes"));
      double flops = Work.flops(node);
      if (flops > 0 && step.nanos()[i] > 0) {
        facts.put("GFLOP/s", flops / step.nanos()[i]);
      }
      facts.put("op", node.op().toString());
      slice.put("args", facts);
      event("slab", "C", at[i]).put("args", alive.get(i));
    }
  }

  /** Where each node belongs; what is measured of a value, to where the value was made. */
  private static List<String> passes(List<NodeName> names) {
    List<String> passes = new ArrayList<>();
    for (NodeName name : names) {
      boolean statistics = name.phase() == Phase.STATISTICS && !passes.isEmpty();
      String phase = name.phase() == Phase.UPDATE ? "" : " " + name.phase();
      passes.add(statistics ? passes.getLast() : name.pass() + phase);
    }
    return passes;
  }

  /** A slice for each run of equal keys; of a run of one node too, so that depths agree. */
  private void runs(List<String> keys, List<String> names, double[] at) {
    int from = 0;
    for (int i = 1; i <= keys.size(); i++) {
      if (i == keys.size() || !keys.get(i).equals(keys.get(from))) {
        slice(names.get(from), at[from], at[i]);
        from = i;
      }
    }
  }
}
