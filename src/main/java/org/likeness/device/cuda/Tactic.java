package org.likeness.device.cuda;

/** One of the ways to compute a {@link org.likeness.graph.Linear} node. */
sealed interface Tactic permits ConvolutionChoice.Candidate, EngineTactic {
  /** Returns the name that a stored tuning knows the tactic by. */
  String name();

  /** Returns the temporary bytes that its commands need. */
  long workspaceBytes();
}
