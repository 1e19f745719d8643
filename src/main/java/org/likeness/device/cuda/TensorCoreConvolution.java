package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.likeness.device.cuda.ConvolutionGeometry.Direction;
import org.likeness.graph.DType;

/**
 * The kernels of {@code conv_<direction>_<operands>[_any].cu}: products on tensor cores with f32
 * sums. bf16, f16 and TF32 want compute capability 8.0; f16 also has kernels for 7.5.
 *
 * @param wide whether both operands' channels must be multiples of 16 bytes
 * @param threads threads of a block on this generation
 * @param stages tiles that are in shared memory at once
 */
record TensorCoreConvolution(
    Operand operand, Side side, Tile tile, boolean wide, int threads, int stages)
    implements ConvolutionVariant {
  /** Bytes of depth that one step takes of each row and column. */
  private static final int STEP_BYTES = 64;

  /** Most shared memory that a block has without the target's opt-in. */
  private static final int PLAIN_SHARED = 48 << 10;

  /** Bytes of the chunks that a tap's channels are padded to. */
  private static final int CHUNK_BYTES = 16;

  /** What the tensor cores multiply, and on which generation. */
  enum Operand {
    BF16(DType.BF16, 80, Integer.MAX_VALUE),
    F16(DType.F16, 80, Integer.MAX_VALUE),
    TF32(DType.F32, 80, Integer.MAX_VALUE),
    F16_SM75(DType.F16, 75, 79);

    private final DType stored;
    private final int least;
    private final int most;

    Operand(DType stored, int least, int most) {
      this.stored = stored;
      this.least = least;
      this.most = most;
    }

    /**
     * Returns the operands' part of an entry's name; the generations share their entries' names.
     */
    private String entry() {
      return this == F16_SM75 ? "f16" : name().toLowerCase(Locale.ROOT);
    }

    /** Returns dense multiply-adds per cycle and multiprocessor with f32 sums (whitepapers). */
    private double peak(int capability) {
      double half =
          switch (capability) {
            case 80 -> 1024;
            case 90 -> 1300; // what mma.sync reaches of wgmma's 2048
            default -> 256;
          };
      return this == TF32 ? half / 2 : half;
    }
  }

  /** Which directions a tiling serves: those that gather pixels as rows, or wgrad. */
  enum Side {
    GATHER,
    WGRAD
  }

  /** Every tiling, the thickest of each kind first. */
  static final List<ConvolutionVariant> ALL = all();

  private static List<ConvolutionVariant> all() {
    List<ConvolutionVariant> all = new ArrayList<>();
    for (Operand operand : Operand.values()) {
      boolean turing = operand == Operand.F16_SM75;
      add(all, operand, Side.GATHER, new Shape(128, 128, true), turing ? 256 : 128, 3);
      add(all, operand, Side.GATHER, new Shape(128, 64, true), turing ? 256 : 128, 4);
      add(all, operand, Side.GATHER, new Shape(64, 64, true), 128, 4);
      add(all, operand, Side.GATHER, new Shape(128, 16, true), 128, 4);
      add(all, operand, Side.GATHER, new Shape(128, 64, false), turing ? 256 : 128, 4);
      add(all, operand, Side.GATHER, new Shape(128, 16, false), 128, 4);
      add(all, operand, Side.WGRAD, new Shape(128, 128, true), turing ? 256 : 128, 3);
      add(all, operand, Side.WGRAD, new Shape(64, 64, true), 128, 4);
      add(all, operand, Side.WGRAD, new Shape(64, 64, false), 128, 4);
      add(all, operand, Side.WGRAD, new Shape(16, 128, false), 128, 4);
    }
    return List.copyOf(all);
  }

  private record Shape(int rows, int columns, boolean wide) {}

  private static void add(
      List<ConvolutionVariant> all,
      Operand operand,
      Side side,
      Shape shape,
      int threads,
      int stages) {
    Tile tile = new Tile(shape.rows, shape.columns, STEP_BYTES / operand.stored.bytes());
    int held = operand == Operand.F16_SM75 ? 2 : stages;
    all.add(new TensorCoreConvolution(operand, side, tile, shape.wide, threads, held));
  }

  @Override
  public String name() {
    return operand.name().toLowerCase(Locale.ROOT) + suffix();
  }

  private String suffix() {
    return (wide ? "_" : "_any_") + tile.rows() + "x" + tile.columns();
  }

  @Override
  public int channelStep() {
    return CHUNK_BYTES / operand.stored.bytes();
  }

  /** Fewer than in f32: tensor cores truncate each sum of 16 terms (spec softcuda.md 5). */
  @Override
  public int longestSum() {
    return 1 << 14;
  }

  @Override
  public int sharedBytes(Direction direction) {
    return (tile.rows() + tile.columns()) * STEP_BYTES * stages;
  }

  /** Returns an estimate: the generation's peak, less what thin tiles and narrow copies cost. */
  @Override
  public double rate(Target target) {
    double share = Math.sqrt(tile.rows() * tile.columns() / (128.0 * 128.0)) * 0.7;
    return operand.peak(target.capability()) * share * (wide ? 1 : 0.5);
  }

  @Override
  public boolean fits(ConvolutionGeometry geometry, Target target) {
    boolean gathers = geometry.direction() != Direction.WGRAD;
    int shared = sharedBytes(geometry.direction());
    return geometry.type() == operand.stored
        && gathers == (side == Side.GATHER)
        && target.capability() >= operand.least
        && target.capability() <= operand.most
        && (operand != Operand.TF32 || target.tf32())
        && (!wide || geometry.aligned(channelStep()))
        && (shared <= PLAIN_SHARED || shared <= target.sharedBytes());
  }

  @Override
  public Launch.Entry entry(Direction direction) {
    String family = "conv_" + direction + "_" + operand.entry() + (wide ? "" : "_any");
    return new Launch.Entry(family, "conv_" + direction + "_" + operand.entry() + suffix());
  }
}
