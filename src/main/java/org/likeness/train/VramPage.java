package org.likeness.train;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.Graph;
import org.likeness.graph.Liveness.Interval;
import org.likeness.graph.MemoryPlan;
import org.likeness.graph.Node;
import org.likeness.graph.Tensor;
import tools.jackson.databind.json.JsonMapper;

/**
 * A page on which the slab of a step is a picture: values over the nodes that they live through.
 */
public final class VramPage {
  /** What the name of the plan that is seen first ends with. */
  public static final String PLANNED = "(planned)";

  private static final String TEMPLATE = "vram.html";

  /** Share of a step's nodes below which a run of one pass is not told apart. */
  private static final int SHORT = 50;

  private static final String PLACE = "/*DATA*/null";

  private VramPage() {}

  /** Returns the page, whole and without a request to anywhere, of plans by their names. */
  public static String of(String about, Map<String, VramPlan> plans) throws IOException {
    List<Map<String, Object>> all = new ArrayList<>();
    plans.forEach((name, plan) -> all.add(json(name, plan)));
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("about", about);
    data.put("plans", all);
    String json = JsonMapper.shared().writeValueAsString(data).replace("<", "\\u003c");
    return template().replace(PLACE, json);
  }

  private static String template() throws IOException {
    try (InputStream in = VramPage.class.getResourceAsStream(TEMPLATE)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private static Map<String, Object> json(String name, VramPlan plan) {
    MemoryPlan memory = plan.step().memory();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", name);
    json.put("planned", name.endsWith(PLANNED));
    json.put("pools", plan.pools());
    json.put("slab", memory.slabBytes());
    json.put("bound", memory.lowerBound());
    json.put("microBatch", plan.microBatch());
    json.put("wholeTrunk", plan.levers().cut().wholeTrunk());
    json.put("milliseconds", plan.milliseconds());
    json.put("predictedMilliseconds", plan.predictedMilliseconds());
    json.put("passes", passes(plan.step().graph()));
    json.put("peak", memory.peakNode());
    json.put("nodes", plan.step().graph().nodes().stream().map(VramPage::label).toList());
    json.put("values", memory.placements().stream().map(VramPage::value).toList());
    return json;
  }

  /** A run of nodes of one pass. */
  private record Band(String name, int from, int to) {}

  /** The passes as a person sees them: what is short belongs to the run that it lies in. */
  private static List<Band> passes(Graph graph) {
    List<String> names = new ArrayList<>();
    for (NodeName name : NodeName.of(graph)) {
      boolean aside = name.phase() == NodeName.Phase.UPDATE && !names.isEmpty();
      names.add(aside ? names.getLast() : name.pass());
    }
    int least = names.size() / SHORT;
    List<Band> bands = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= names.size(); i++) {
      if (i == names.size() || !names.get(i).equals(names.get(from))) {
        String name = names.get(from);
        boolean aside = i - from <= least && !bands.isEmpty();
        if (aside || !bands.isEmpty() && bands.getLast().name().equals(name)) {
          Band last = bands.removeLast();
          bands.add(new Band(last.name(), last.from(), i - 1));
        } else {
          bands.add(new Band(name, from, i - 1));
        }
        from = i;
      }
    }
    return bands;
  }

  private static String label(Node node) {
    String of = node.outputs().isEmpty() ? node.mutated().getFirst().name() : "";
    return node.op().name() + " " + (of.isEmpty() ? node.outputs().getFirst().name() : of);
  }

  private static Map<String, Object> value(MemoryPlan.Placement placement) {
    Interval interval = placement.interval();
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("name", interval.name());
    value.put("kind", ValueKind.of(interval).toString());
    List<Tensor> tensors = interval.tensors();
    value.put("shape", tensors.isEmpty() ? "" : tensors.getLast().shape().toString());
    value.put("bytes", interval.bytes());
    value.put("offset", placement.offset());
    value.put("first", interval.first());
    value.put("last", interval.last());
    return value;
  }
}
