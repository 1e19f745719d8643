package org.likeness.graph;

import java.util.List;
import java.util.Locale;

/**
 * One operation with its attributes. Each record infers the shapes of its outputs and refuses bad
 * inputs with a sentence that names the operation and the shapes.
 */
public sealed interface Op permits Linear, Pointwise, Movement, Reduction, Image, Update {
  /** Returns the shapes of the outputs for inputs of these shapes, or refuses. */
  List<Shape> infer(List<Shape> inputs);

  /** Returns the element type of the outputs: that of the first input unless the operation says. */
  default DType dtype(List<DType> inputs) {
    return inputs.getFirst();
  }

  /** Returns the positions of the inputs that are written in place. */
  default List<Integer> mutates() {
    return List.of();
  }

  /**
   * Returns the positions of the inputs whose buffer an output of the same size may take over: each
   * element of the output then depends on no other element of that input.
   */
  default List<Integer> overwrites() {
    return List.of();
  }

  /** Returns the operation's name as printed: its record's name with a small first letter. */
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.substring(0, 1).toLowerCase(Locale.ROOT) + simple.substring(1);
  }

  /** Refuses unless the number of inputs lies within the bounds. */
  default void expectInputs(List<Shape> inputs, int least, int most) {
    if (inputs.size() < least || inputs.size() > most) {
      String wanted = least == most ? "" + least : least + " to " + most;
      throw refusal("takes " + wanted + " inputs, was given " + inputs.size());
    }
  }

  /** Refuses unless the shape has this many axes. */
  default void expectRank(Shape shape, String what, int rank) {
    if (shape.rank() != rank) {
      throw refusal(what + " " + shape + " must have " + rank + " axes");
    }
  }

  /** Refuses unless two shapes are equal. */
  default void expectSame(Shape a, String what, Shape b, String other) {
    if (!a.equals(b)) {
      throw refusal(what + " " + a + " must equal " + other + " " + b);
    }
  }

  /** Returns the exception that a bad input gets; the message starts with the operation's name. */
  default IllegalArgumentException refusal(String sentence) {
    return new IllegalArgumentException(name() + ": " + sentence);
  }
}
