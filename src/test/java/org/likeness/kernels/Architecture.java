package org.likeness.kernels;

/**
 * What a multiprocessor holds, from the CUDA C++ Programming Guide's table of technical
 * specifications; every one has 65536 registers in four parts and gives a warp multiples of 256.
 *
 * @param number 75 is compute capability 7.5
 * @param warps resident warps at most
 * @param blocks resident blocks at most
 * @param shared bytes of shared memory
 * @param reserved bytes of it that each block costs beside its own
 * @param granule shared memory is given in multiples of these bytes
 */
record Architecture(int number, int warps, int blocks, int shared, int reserved, int granule) {
  private static final int REGISTERS_OF_PART = 16384;
  private static final int PARTS = 4;

  static Architecture of(int number) {
    int kib = 1024;
    return switch (number) {
      case 75 -> new Architecture(75, 32, 16, 64 * kib, 0, 256);
      case 80 -> new Architecture(80, 64, 32, 164 * kib, kib, 128);
      case 86 -> new Architecture(86, 48, 16, 100 * kib, kib, 128);
      case 89 -> new Architecture(89, 48, 24, 100 * kib, kib, 128);
      case 90 -> new Architecture(90, 64, 32, 228 * kib, kib, 128);
      case 120 -> new Architecture(120, 48, 24, 100 * kib, kib, 128);
      default -> throw new IllegalArgumentException("no limits known for sm_" + number);
    };
  }

  /** Returns how many blocks of a kernel fit at once, 0 if not even one does. */
  int residentBlocks(int threads, int registers, int sharedBytes) {
    int blockWarps = (threads + 31) / 32;
    int warpRegisters = (registers * 32 + 255) / 256 * 256;
    int byRegisters = REGISTERS_OF_PART / warpRegisters * PARTS / blockWarps;
    int bytes = (sharedBytes + reserved + granule - 1) / granule * granule;
    int byShared = bytes == 0 ? blocks : shared / bytes;
    return Math.min(Math.min(blocks, warps / blockWarps), Math.min(byRegisters, byShared));
  }

  /** Returns the share of the resident warps that a kernel can fill, in percent. */
  int occupancy(int threads, int registers, int sharedBytes) {
    int blockWarps = (threads + 31) / 32;
    return 100 * residentBlocks(threads, registers, sharedBytes) * blockWarps / warps;
  }
}
