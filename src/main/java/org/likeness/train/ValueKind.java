package org.likeness.train;

import org.likeness.graph.LayerStatistics;
import org.likeness.graph.Liveness.Interval;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;

/** What a buffer of the slab holds, as pages and traces colour it. */
enum ValueKind {
  ACTIVATION("activation"),
  GRADIENT("gradient"),
  WEIGHT_GRADIENT("weight gradient"),
  WORKSPACE("workspace"),
  FEED("feed");

  private final String text;

  ValueKind(String text) {
    this.text = text;
  }

  /** Tells by role and name; a weight's gradient is named after the weight. */
  static ValueKind of(Interval interval) {
    if (interval.tensors().isEmpty()) {
      return WORKSPACE;
    }
    Tensor last = interval.tensors().getLast();
    if (last.role() == Role.FEED) {
      return FEED;
    }
    if (!LayerStatistics.isGradient(last)) {
      return ACTIVATION;
    }
    return last.name().contains(":0") ? WEIGHT_GRADIENT : GRADIENT;
  }

  @Override
  public String toString() {
    return text;
  }
}
