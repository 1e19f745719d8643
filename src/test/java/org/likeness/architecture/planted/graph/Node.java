package org.likeness.architecture.planted.graph;

import java.util.List;
import picocli.CommandLine.Command;

/** Planted: graph may use the JDK only. */
@Command
public record Node(List<Node> inputs) {
  // fully qualified, so that no import shows it, and an array of it
  static org.likeness.architecture.planted.train.Session[] sessions;
}
