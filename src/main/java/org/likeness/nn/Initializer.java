package org.likeness.nn;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.likeness.graph.Philox;
import org.likeness.graph.Shape;

/** How a parameter starts. Draws are a function of seed, name and element (spec model.md 3). */
public sealed interface Initializer {
  /** Zero everywhere: biases and slots. */
  record Zeros() implements Initializer {}

  /**
   * Uniform in (-L, L), L = sqrt(6 / (fan in + fan out)) (Glorot and Bengio 2010).
   *
   * @param fanIn inputs that one output sums over
   * @param fanOut outputs that one input reaches
   */
  record GlorotUniform(long fanIn, long fanOut) implements Initializer {}

  /** Normal with mean 0 and deviation 1: weights under equalised learning rate. */
  record StandardNormal() implements Initializer {}

  /** Returns the value of one element of the parameter of this name. */
  static double draw(Initializer initializer, long seed, String name, long element) {
    return switch (initializer) {
      case Zeros z -> 0;
      case GlorotUniform g -> {
        double limit = Math.sqrt(6.0 / (g.fanIn() + g.fanOut()));
        yield (2 * Philox.uniform(seed, stream(name), element) - 1) * limit;
      }
      case StandardNormal n -> {
        double radius = 1 - Philox.uniform(seed, stream(name), 2 * element);
        double angle = 2 * Math.PI * Philox.uniform(seed, stream(name), 2 * element + 1);
        yield Math.sqrt(-2 * Math.log(radius)) * Math.cos(angle);
      }
    };
  }

  /** Returns the starting values of a whole parameter. */
  static float[] fill(Initializer initializer, long seed, String name, Shape shape) {
    float[] values = new float[Math.toIntExact(shape.elements())];
    if (!(initializer instanceof Zeros)) {
      java.util.stream.IntStream.range(0, values.length)
          .parallel()
          .forEach(i -> values[i] = (float) draw(initializer, seed, name, i));
    }
    return values;
  }

  private static long stream(String name) {
    CRC32 crc = new CRC32();
    crc.update(name.getBytes(StandardCharsets.UTF_8));
    return crc.getValue();
  }
}
