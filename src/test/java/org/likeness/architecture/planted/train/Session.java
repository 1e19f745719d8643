package org.likeness.architecture.planted.train;

import org.likeness.architecture.planted.graph.Node;

/** Allowed: train reaches graph through saehd. */
public record Session(Node[] nodes) {
  /** A constant, which the compiler copies into its users. */
  public static final int FORMAT = 1;
}
