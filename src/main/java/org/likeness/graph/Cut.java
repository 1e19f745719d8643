package org.likeness.graph;

/**
 * How a batch is cut into micro-batches.
 *
 * @param parts how many; 1 for the batch in one piece
 * @param wholeTrunk whether what leads to the last dense layer, and the small layers after it, run
 *     on the whole batch, and only the rest part by part
 */
public record Cut(int parts, boolean wholeTrunk) {
  /** No cut: the batch in one piece. */
  public static final Cut NONE = new Cut(1, false);

  /** Refuses less than one part, and a trunk beside which nothing is cut. */
  public Cut {
    if (parts < 1 || parts == 1 && wholeTrunk) {
      throw new IllegalArgumentException("a batch in " + parts + " parts has no cut");
    }
  }

  /** Cuts the whole step. */
  public static Cut all(int parts) {
    return new Cut(parts, false);
  }

  /** Cuts what follows the trunk. */
  public static Cut afterTrunk(int parts) {
    return new Cut(parts, parts > 1);
  }
}
