package org.likeness.gpucheck;

import java.util.Map;

/**
 * What came of a stage.
 *
 * @param summary one line for people: what was found, or why there is nothing
 * @param figures for programs
 */
record Outcome(Status status, String summary, Map<String, Object> figures) {
  /** How a stage ended. */
  enum Status {
    PASSED,
    FAILED,
    SKIPPED,
    TIMED_OUT
  }

  static Outcome passed(String summary, Map<String, Object> figures) {
    return new Outcome(Status.PASSED, summary, figures);
  }

  static Outcome failed(String summary, Map<String, Object> figures) {
    return new Outcome(Status.FAILED, summary, figures);
  }

  static Outcome skipped(String reason) {
    return new Outcome(Status.SKIPPED, reason, Map.of());
  }

  static Outcome timedOut(String summary, Map<String, Object> figures) {
    return new Outcome(Status.TIMED_OUT, summary, figures);
  }

  /** Returns whether nothing is wrong: it passed, or could not be tried here. */
  boolean green() {
    return status == Status.PASSED || status == Status.SKIPPED;
  }
}
