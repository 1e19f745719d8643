package org.likeness.train;

import org.likeness.device.Program;
import org.likeness.graph.ExecutionPlan;

/** Watches the programs of a step. */
interface StepObserver {
  /** Returns the plan to load in the place of a program's own; it computes the same and more. */
  ExecutionPlan observed(ExecutionPlan plan);

  /** Runs a program whose feeds are set. */
  void run(Program program);
}
