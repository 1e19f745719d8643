package org.likeness.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/**
 * Recomputation (spec performance.md 2): the last pass before memory is planned, on a graph whose
 * order is final. It changes no result, because clones compute the same bits.
 */
public final class Rematerializer {
  private Rematerializer() {}

  /**
   * Lets go of the values of these layers, and makes each again once.
   *
   * @param layers beginnings of value names, up to a slash
   * @throws IllegalArgumentException for a name without values, with those that there are
   */
  public static Graph of(Graph ordered, List<String> layers) {
    Timeline timeline = new Timeline(ordered);
    List<Tensor> values =
        RecomputeBlocks.of(timeline).stream().flatMap(b -> b.values().stream()).toList();
    Map<Integer, List<Boolean>> kept = new HashMap<>();
    for (String layer : layers) {
      List<Tensor> own = values.stream().filter(t -> isOf(t, layer)).toList();
      if (own.isEmpty()) {
        throw new IllegalArgumentException(
            "recompute: there is no block "
                + layer
                + "; there are "
                + String.join(", ", layers(values)));
      }
      own.forEach(t -> kept.put(t.id(), List.of(false)));
    }
    return Clones.insert(timeline, kept).graph();
  }

  private static boolean isOf(Tensor value, String layer) {
    return layerOf(value).equals(layer) || value.name().startsWith(layer + "/");
  }

  private static TreeSet<String> layers(List<Tensor> values) {
    TreeSet<String> layers = new TreeSet<>();
    values.forEach(t -> layers.add(layerOf(t)));
    return layers;
  }

  /** The first two parts of a value's name, without the numbers of its pass and micro-batch. */
  private static String layerOf(Tensor value) {
    String[] parts = value.name().split("[#~]", 2)[0].split("/", 3);
    return parts.length == 1 ? parts[0] : parts[0] + "/" + parts[1];
  }

  /**
   * Returns the graph whose slab takes so many bytes at most and that costs the least time for it;
   * nothing if no recomputation makes it fit.
   */
  public static Optional<Graph> within(Graph ordered, PlanTarget target, long slabBytes) {
    Timeline timeline = new Timeline(ordered);
    DeviceProfile profile = target.profile().apply(ordered);
    if (MemoryPlan.plan(ordered, profile).slabBytes() <= slabBytes) {
      return Optional.of(ordered);
    }
    RecomputeChains chains = RecomputeChains.of(timeline, profile, target.seconds());
    int fits = 0;
    int tooMuch = RecomputeChains.SLOTS + 1;
    while (tooMuch - fits > 1) { // more memory for the chains, until the whole is too large
      int units = (fits + tooMuch) / 2;
      Clones clones = Clones.insert(timeline, chains.kept(units));
      DeviceProfile more = profile.of(clones.origins());
      if (Liveness.peak(clones.graph(), more) <= slabBytes) {
        fits = units;
      } else {
        tooMuch = units;
      }
    }
    for (int units = fits;
        units > 0;
        units -= Math.max(1, units / 50)) { // values do not pack tight
      Clones clones = Clones.insert(timeline, chains.kept(units));
      DeviceProfile more = profile.of(clones.origins());
      if (MemoryPlan.plan(clones.graph(), more).slabBytes() <= slabBytes) {
        return Optional.of(clones.graph());
      }
    }
    return Optional.empty();
  }
}
