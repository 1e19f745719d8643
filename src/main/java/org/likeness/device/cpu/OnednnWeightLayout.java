package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import org.likeness.device.cpu.OnednnDescriptors.Operands;
import org.likeness.device.cpu.OnednnOperation.Place;
import org.likeness.graph.DType;

/**
 * How a convolution weight (co,kh,kw,ci), its gradient and its optimiser slots are stored: the
 * layout in which oneDNN's weight gradient leaves them, OIhw16i16o on AVX-512 and OIhw8i8o on AVX2
 * (Ohwi16o for a few input channels), whatever the batch and the image.
 *
 * <p>Measured with oneDNN 3.13 on two cores with AVX-512, f32, NHWC, best of many, GFLOP/s on this
 * layout / on the layout that the direction would choose for itself: forward 512→512 at 16² 405 /
 * 428, 256→2048 at 8² 396 / 414, 64→128 k5 s2 392 / 405, 44→88 at 64² 375 / 351, 3→64 k5 s2 270 /
 * 198, worst 88→176 at 32² 314 / 406; weight gradient 386, 354, 361, 313, 231, 331, its own choice.
 * The input gradient only runs fast on a transposed block: 426, 270, 391, 358, -, 336 after a
 * reorder into the scratchpad, which takes 0.44, 0.85, 0.07, 0.04, -, 0.05 ms beside 11.3, 8.9,
 * 1.1, 3.2, -, 3.4 ms (4 images). Plain HWIO reaches 100 to 410 forward and 130 to 340 back and
 * wants up to 152 MB of scratchpad; plain OHWI only has reference implementations (0.1).
 *
 * <p>A bf16 copy of a weight lies as the forward convolution wants it.
 *
 * <p>Padding lanes are zero in everything that oneDNN writes, so an elementwise update may run over
 * the whole stored tensor as long as it maps zeros to zero.
 */
final class OnednnWeightLayout implements Stored, AutoCloseable {
  private static final int USUAL_SIDE = 16;

  private final Arena arena = Arena.ofShared();
  private final OnednnWeights blocked;
  private final OnednnWeights dense;
  private final long bytes;
  private final OnednnOperation pack;
  private final OnednnOperation unpack;

  private OnednnWeightLayout(OnednnEngine engine, OnednnConvolutionSpec spec, DType type) {
    MemorySegment any =
        engine.memory().any(arena, type, spec.co(), spec.ci(), spec.kh(), spec.kw());
    MemorySegment desc =
        engine
            .memory()
            .copy(
                arena, type == DType.F32 ? left(engine, spec, any) : read(engine, spec, any, type));
    bytes = engine.memory().bytes(desc);
    blocked = new OnednnWeights(desc, any);
    dense = new OnednnWeights(plain(engine, spec, type), any);
    pack = reorder(engine, dense.desc(), desc);
    unpack = reorder(engine, desc, dense.desc());
  }

  /** Chooses the layout of a weight (co,kh,kw,ci); equal sides give equal layouts. */
  static OnednnWeightLayout of(OnednnEngine engine, DType type, int co, int kh, int kw, int ci) {
    OnednnConvolutionSpec.Padding padding =
        new OnednnConvolutionSpec.Padding(kh / 2, kw / 2, kh / 2, kw / 2);
    return new OnednnWeightLayout(
        engine,
        new OnednnConvolutionSpec(1, USUAL_SIDE, USUAL_SIDE, ci, co, kh, kw, 1, padding, 1),
        type);
  }

  /** Asks for the fastest weight gradient and returns how it leaves its result. */
  private MemorySegment left(OnednnEngine engine, OnednnConvolutionSpec spec, MemorySegment any) {
    Operands operands = OnednnConvolution.operands(arena, spec, engine, any, DType.F32, DType.F32);
    MemorySegment gradient =
        OnednnConvolution.backwardWeightsDesc(engine, spec, arena, operands, DType.F32)
            .orElseThrow(() -> new OnednnException("oneDNN has no weight gradient of " + spec));
    return engine.primitives().memory(gradient, OnednnPrimitives.DIFF_WEIGHTS);
  }

  /** Asks for the fastest convolution and returns how it reads its weight. */
  private MemorySegment read(
      OnednnEngine engine, OnednnConvolutionSpec spec, MemorySegment any, DType type) {
    Operands operands = OnednnConvolution.operands(arena, spec, engine, any, type, type);
    MemorySegment forward =
        engine
            .descriptors()
            .convolutionForward(arena, engine.handle(), spec, operands, MemorySegment.NULL)
            .orElseThrow(() -> new OnednnException("oneDNN has no convolution of " + spec));
    return engine.primitives().memory(forward, OnednnPrimitives.WEIGHTS);
  }

  /** Describes a weight as files and graphs have it: o,h,w,i. */
  private MemorySegment plain(OnednnEngine engine, OnednnConvolutionSpec s, DType type) {
    long[] sides = {s.co(), s.ci(), s.kh(), s.kw()};
    long row = (long) s.kw() * s.ci();
    return engine.memory().strided(arena, type, sides, new long[] {s.kh() * row, 1, row, s.ci()});
  }

  private static OnednnOperation reorder(
      OnednnEngine engine, MemorySegment from, MemorySegment to) {
    OnednnAssembly assembly = new OnednnAssembly(engine);
    assembly.reorder(from, new Place.Operand(0), to, new Place.Operand(1));
    return assembly.finish();
  }

  /** Returns the weight as it is stored. */
  OnednnWeights blocked() {
    return blocked;
  }

  /** Returns a weight of the same sides that lies dense: every use of it reorders. */
  OnednnWeights dense() {
    return dense;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public void pack(MemorySegment dense, MemorySegment stored) {
    try (Arena lent = Arena.ofConfined()) {
      MemorySegment aligned = lent.allocate(dense.byteSize(), 64); // the host's may not be
      run(pack, aligned.copyFrom(dense), stored);
    }
  }

  @Override
  public void unpack(MemorySegment stored, MemorySegment dense) {
    try (Arena lent = Arena.ofConfined()) {
      MemorySegment aligned = lent.allocate(dense.byteSize(), 64);
      run(unpack, stored, aligned);
      dense.copyFrom(aligned);
    }
  }

  private static void run(OnednnOperation operation, MemorySegment from, MemorySegment to) {
    try (Arena lent = Arena.ofConfined()) {
      operation.bind(lent.allocate(Math.max(1, operation.scratchpadBytes()), 64), from, to);
      operation.run();
    }
  }

  @Override
  public void close() {
    pack.close();
    unpack.close();
    arena.close();
  }
}
