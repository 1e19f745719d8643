package org.likeness.device.cuda;

/** A run of a library's engine as data. */
record EngineCall(Problem problem, String engine, Buffers buffers) implements Command {
  /** Returns what is called, wherever the operands are. */
  EngineCall anywhere() {
    return new EngineCall(problem, engine, new Buffers(0, 0, 0, 0, 0, 0));
  }

  /**
   * The addresses; 0 for what is absent.
   *
   * @param left x, or dy for a gradient to the input; the left factor of a product
   * @param right the weight, or dy for a gradient to it; the right factor of a product
   */
  record Buffers(long left, long right, long result, long bias, long residual, long workspace) {}
}
