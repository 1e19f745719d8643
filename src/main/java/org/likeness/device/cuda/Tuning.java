package org.likeness.device.cuda;

import java.util.Map;

/**
 * What was measured on one GPU.
 *
 * @param winners the fastest candidate's name for the key of each geometry that was measured
 */
record Tuning(Map<String, String> winners) {
  /** Nothing measured: every choice is the estimate's. */
  static final Tuning NONE = new Tuning(Map.of());

  /** Copies the map. */
  Tuning {
    winners = Map.copyOf(winners);
  }
}
