package org.likeness.device.cuda;

import java.util.HashMap;
import java.util.Map;

/**
 * What was measured on one GPU.
 *
 * @param winners the fastest tactic's name for the key of each shape that was measured
 */
record Tuning(Map<String, String> winners) {
  /** Nothing measured: every choice is the estimate's. */
  static final Tuning NONE = new Tuning(Map.of());

  /** Copies the map. */
  Tuning {
    winners = Map.copyOf(winners);
  }

  /** Returns these winners, but others where {@code stronger} has them. */
  Tuning under(Map<String, String> stronger) {
    Map<String, String> all = new HashMap<>(winners);
    all.putAll(stronger);
    return new Tuning(all);
  }
}
