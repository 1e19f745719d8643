package org.likeness.benchmarks;

import jcuda.jcurand.JCurand;
import jcuda.jcurand.curandGenerator;
import jcuda.jcurand.curandRngType;
import jcuda.runtime.cudaStream_t;
import org.likeness.cuda.DeviceMemory;

/** Uniform draws by cuRAND's Philox through JCuda. */
final class RandomPeer {
  private RandomPeer() {}

  /** Returns the seconds of n draws into our memory on our stream. */
  static double seconds(GpuTimer timer, int n) {
    timer.context().enter();
    OlderNatives.place("JCurand", "11.8.0");
    JCurand.setExceptionsEnabled(true);
    curandGenerator generator = new curandGenerator();
    JCurand.curandCreateGenerator(generator, curandRngType.CURAND_RNG_PSEUDO_PHILOX4_32_10);
    try (DeviceMemory memory = timer.context().allocate(4L * n)) {
      JCurand.curandSetPseudoRandomGeneratorSeed(generator, 7);
      JCurand.curandSetStream(generator, new cudaStream_t(JCudaInterop.stream(timer.stream())));
      return timer.seconds(
          () -> JCurand.curandGenerateUniform(generator, JCudaInterop.pointer(memory), n));
    } finally {
      JCurand.curandDestroyGenerator(generator);
    }
  }
}
