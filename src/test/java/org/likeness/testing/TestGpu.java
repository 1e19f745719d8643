package org.likeness.testing;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.Arrays;
import java.util.List;
import org.likeness.cuda.CudaDriver;

/** The GPU that kernels are tested on: softcuda, or a card, which cannot be told what to be. */
public sealed interface TestGpu {
  /** Starts softcuda anew with these settings; a card stays as it is. */
  void reset(String... settings);

  /** Returns what was not given back, a line each; a card does not tell. */
  String liveObjects();

  /** Returns the compute capabilities to test: these on softcuda, on a card its own. */
  List<Integer> capabilities(int... wanted);

  /** Makes softcuda a card of this compute capability; skips the test on an older generation. */
  void require(int capability);

  /** Returns whether {@code -Dgpu=true} asks for a card. */
  static boolean isCard() {
    return Boolean.getBoolean("gpu");
  }

  /** The tests' driver. */
  record Soft(SoftCuda softCuda) implements TestGpu {
    @Override
    public void reset(String... settings) {
      softCuda.reset(settings);
    }

    @Override
    public String liveObjects() {
      return softCuda.liveObjects();
    }

    @Override
    public List<Integer> capabilities(int... wanted) {
      return Arrays.stream(wanted).boxed().toList();
    }

    @Override
    public void require(int capability) {
      softCuda.reset("cc=" + capability);
    }
  }

  /**
   * A card.
   *
   * @param capability such as 90 for 9.0
   */
  record Card(int capability) implements TestGpu {
    static Card first() {
      return new Card(CudaDriver.open().orThrow().gpus().getFirst().capability());
    }

    @Override
    public void reset(String... settings) {}

    @Override
    public String liveObjects() {
      return "";
    }

    @Override
    public List<Integer> capabilities(int... wanted) {
      return List.of(capability);
    }

    @Override
    public void require(int wanted) {
      assumeTrue(
          capability / 10 >= wanted / 10,
          "needs a card of compute capability " + wanted / 10 + ", this is " + capability);
    }
  }
}
