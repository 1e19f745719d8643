package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.likeness.device.cpu.OnednnDescriptors.Operands;
import org.likeness.device.cpu.OnednnOperation.Argument;
import org.likeness.device.cpu.OnednnOperation.Place;
import org.likeness.ffi.C;

/**
 * A dense layer y (n,out) = x (n,in) w (in,out) in its three directions, f32, all plain row-major.
 * A blocked weight gains nothing: measured on two cores with AVX-512, 8 rows, the plain 32768 by
 * 256 weight takes 1.4, 1.3 and 0.9 ms forward, to the input and to the weight, against 1.3, 1.4
 * and 1.3 ms in the layouts that oneDNN's inner product chooses.
 */
record OnednnDense(OnednnEngine engine, int n, int in, int out) {
  /**
   * Makes y: operands x (n,in), w (in,out), bias (out) and residual (n,out) where the epilogue has
   * them, y (n,out).
   *
   * @param ceiling bytes of workspace that it may need at most
   */
  OnednnOperation forward(OnednnEpilogue epilogue, long ceiling) {
    return choice("product", ceiling)
        .among(
            List.of(MemorySegment.NULL),
            (assembly, weights, skip) -> {
              Arena owner = assembly.arena();
              MemorySegment bias = engine.memory().rows(owner, 1, out);
              MemorySegment y = engine.memory().rows(owner, n, out);
              OnednnPostOps postOps = OnednnPostOps.of(engine, owner, epilogue, bias, y);
              Operands all =
                  new Operands(
                      engine.memory().rows(owner, n, in),
                      engine.memory().rows(owner, in, out),
                      bias,
                      y);
              boolean ownBias = epilogue.bias() && !postOps.addsBias();
              List<Argument> added = new ArrayList<>(postOps.arguments());
              if (ownBias) {
                added.add(OnednnAssembly.operand(OnednnAssembly.BIAS, bias, 2));
              }
              Places places =
                  new Places(
                      new Place.Operand(0),
                      new Place.Operand(1),
                      new Place.Operand(epilogue.inputs()));
              Operands o = ownBias ? all : all.withoutBias();
              return product(assembly, o, places, postOps.attributes(), added, skip);
            });
  }

  /** Makes dx = scale * the gradient to the input: operands dy (n,out), w (in,out), dx (n,in). */
  OnednnOperation backwardData(double scale, long ceiling) {
    return choice("input gradient", ceiling)
        .among(
            List.of(MemorySegment.NULL),
            (assembly, weights, skip) -> {
              Arena owner = assembly.arena();
              MemorySegment transposed =
                  engine.memory().strided(owner, new long[] {out, in}, new long[] {1, out});
              Operands o =
                  new Operands(
                      engine.memory().rows(owner, n, out),
                      transposed,
                      MemorySegment.NULL,
                      engine.memory().rows(owner, n, in));
              return product(assembly, o, Places.IN_ORDER, scaled(owner, scale), List.of(), skip);
            });
  }

  /**
   * Makes dw = scale * the gradient to the weight, and db: operands x (n,in), dy (n,out), dw
   * (in,out), db (out) if there is a bias.
   */
  OnednnOperation backwardWeights(double scale, boolean bias, long ceiling) {
    return choice("weight gradient", ceiling)
        .among(
            List.of(MemorySegment.NULL),
            (assembly, weights, skip) -> {
              Arena owner = assembly.arena();
              MemorySegment dy = engine.memory().rows(owner, n, out);
              MemorySegment transposed =
                  engine.memory().strided(owner, new long[] {in, n}, new long[] {1, in});
              Operands o =
                  new Operands(
                      transposed, dy, MemorySegment.NULL, engine.memory().rows(owner, in, out));
              boolean found =
                  product(assembly, o, Places.IN_ORDER, scaled(owner, scale), List.of(), skip);
              return found && (!bias || addColumnSums(assembly, dy));
            });
  }

  /** Adds db = 1 (1,n) dy: as a product because a reduction over rows has only slow code. */
  private boolean addColumnSums(OnednnAssembly assembly, MemorySegment dy) {
    Arena owner = assembly.arena();
    MemorySegment ones = owner.allocate(C.FLOAT.byteSize() * n, 64);
    for (int i = 0; i < n; i++) {
      ones.setAtIndex(C.FLOAT, i, 1);
    }
    Operands o =
        new Operands(
            engine.memory().rows(owner, 1, n),
            dy,
            MemorySegment.NULL,
            engine.memory().rows(owner, 1, out));
    Places places =
        new Places(new Place.Constant(ones), new Place.Operand(1), new Place.Operand(3));
    return product(assembly, o, places, scaled(owner, 1), List.of(), 0);
  }

  /** Where the operands of a product lie. */
  private record Places(Place src, Place weights, Place dst) {
    static final Places IN_ORDER =
        new Places(new Place.Operand(0), new Place.Operand(1), new Place.Operand(2));
  }

  private boolean product(
      OnednnAssembly assembly,
      Operands o,
      Places places,
      MemorySegment attributes,
      List<Argument> added,
      int skip) {
    Optional<MemorySegment> found =
        assembly.skip(
            engine.descriptors().matmul(assembly.arena(), engine.handle(), o, attributes), skip);
    found.ifPresent(
        desc -> {
          List<Argument> arguments = new ArrayList<>(added);
          arguments.add(new Argument(OnednnAssembly.SRC, o.src(), places.src));
          arguments.add(new Argument(OnednnAssembly.WEIGHTS, o.weights(), places.weights));
          arguments.add(new Argument(OnednnAssembly.DST, o.dst(), places.dst));
          assembly.step(desc, arguments);
        });
    return found.isPresent();
  }

  private MemorySegment scaled(Arena owner, double scale) {
    OnednnEpilogue epilogue =
        new OnednnEpilogue(scale, false, false, new OnednnEpilogue.Activation.Identity());
    return OnednnPostOps.of(engine, owner, epilogue, MemorySegment.NULL, MemorySegment.NULL)
        .attributes();
  }

  private OnednnChoice choice(String direction, long ceiling) {
    return new OnednnChoice(
        engine, direction + " of a dense layer (" + n + "," + in + ") to " + out, ceiling);
  }
}
