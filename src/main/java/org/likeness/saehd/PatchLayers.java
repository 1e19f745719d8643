package org.likeness.saehd;

import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The strides of the patch discriminator's convolutions: the stack whose receptive field is nearest
 * to the patch asked for (spec model.md 2.12).
 *
 * @param strides of 3 x 3 convolutions, the first always 2
 */
record PatchLayers(int... strides) {
  private static final int MOST = 9;

  /** Returns the stack for a patch of this side: of equally near ones the one that sees less. */
  static PatchLayers of(int patch) {
    Map<Integer, PatchLayers> byField = new TreeMap<>();
    for (int layers = 1; layers <= MOST; layers++) {
      for (int mask = (1 << (layers - 1)) - 1; mask >= 0; mask--) {
        PatchLayers stack = of(layers, mask);
        byField.merge(stack.field(), stack, PatchLayers::better);
      }
    }
    return byField.entrySet().stream()
        .min(Comparator.comparingInt(e -> Math.abs(e.getKey() - patch)))
        .orElseThrow()
        .getValue();
  }

  private static PatchLayers of(int layers, int mask) {
    return new PatchLayers(
        IntStream.range(0, layers).map(i -> i == 0 ? 2 : 1 + (mask >> (i - 1) & 1)).toArray());
  }

  /** Fewer layers first, then more stride; the earlier of equals stays. */
  private static PatchLayers better(PatchLayers a, PatchLayers b) {
    if (a.strides.length != b.strides.length) {
      return a.strides.length < b.strides.length ? a : b;
    }
    return b.stride() > a.stride() ? b : a;
  }

  private int stride() {
    return IntStream.of(strides).sum();
  }

  /** Returns the side of the patch that one logit in the centre sees. */
  int field() {
    int field = 3;
    int jump = strides[0];
    for (int i = 1; i < strides.length; i++) {
      field += 2 * jump;
      jump *= strides[i];
    }
    return field;
  }

  /**
   * Tells whether an image of this side comes back at the same size: no stride meets an odd one.
   */
  boolean fits(int resolution) {
    int side = resolution;
    for (int stride : strides) {
      if (side % stride != 0) {
        return false;
      }
      side /= stride;
    }
    return true;
  }
}
