package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.likeness.device.cpu.OnednnDescriptors.Operands;
import org.likeness.device.cpu.OnednnOperation.Argument;
import org.likeness.device.cpu.OnednnOperation.Place;
import org.likeness.graph.DType;

/**
 * A convolution in its three directions, activations in plain NHWC, the weight and its gradient in
 * any layout, fast in that of {@link OnednnWeightLayout}. The input gradient is also the transposed
 * convolution of spec model.md 2.2. Biases and weight gradients are f32.
 *
 * @param operands type of both operands
 * @param result type of the result and of the residual
 */
record OnednnConvolution(
    OnednnEngine engine,
    OnednnConvolutionSpec spec,
    OnednnWeights layout,
    DType operands,
    DType result) {
  private static final int WEIGHT = 1;

  /** A convolution in f32. */
  OnednnConvolution(OnednnEngine engine, OnednnConvolutionSpec spec, OnednnWeights layout) {
    this(engine, spec, layout, DType.F32, DType.F32);
  }

  /**
   * Makes y: operands x (n,h,w,ci), weight, bias (co) and residual (n,ho,wo,co) where the epilogue
   * has them, y (n,ho,wo,co).
   *
   * @param ceiling bytes of workspace that it may need at most
   */
  OnednnOperation forward(OnednnEpilogue epilogue, long ceiling) {
    return choice("convolution", ceiling)
        .among(
            layouts(),
            (assembly, weights, skip) -> {
              Arena owner = assembly.arena();
              Operands all = operands(owner, spec, engine, weights, operands, result);
              MemorySegment spread = engine.memory().nhwc(owner, DType.F32, 1, 1, 1, spec.co());
              OnednnPostOps postOps = OnednnPostOps.of(engine, owner, epilogue, spread, all.dst());
              boolean ownBias = epilogue.bias() && !postOps.addsBias();
              Operands o = ownBias ? all : all.withoutBias();
              return assembly
                  .skip(forwardDesc(owner, o, postOps.attributes()), skip)
                  .map(
                      desc -> {
                        List<Argument> arguments = new ArrayList<>(postOps.arguments());
                        arguments.add(OnednnAssembly.operand(OnednnAssembly.SRC, o.src(), 0));
                        arguments.add(weightToRead(assembly, desc));
                        if (ownBias) {
                          arguments.add(OnednnAssembly.operand(OnednnAssembly.BIAS, o.bias(), 2));
                        }
                        int y = epilogue.inputs();
                        arguments.add(OnednnAssembly.operand(OnednnAssembly.DST, o.dst(), y));
                        assembly.step(desc, arguments);
                        return desc;
                      })
                  .isPresent();
            });
  }

  /**
   * Makes dx = scale * the gradient to the input: operands dy (n,ho,wo,co), weight, dx (n,h,w,ci).
   */
  OnednnOperation backwardData(double scale, long ceiling) {
    return choice("input gradient", ceiling)
        .among(
            layouts(),
            (assembly, weights, skip) -> {
              Arena owner = assembly.arena();
              Operands o = operands(owner, spec, engine, weights, result, operands).withoutBias();
              Optional<MemorySegment> found = assembly.skip(backwardDataDesc(owner, o), skip);
              found.ifPresent(
                  desc -> {
                    assembly.step(
                        desc,
                        List.of(
                            weightToRead(assembly, desc),
                            OnednnAssembly.operand(OnednnAssembly.DIFF_DST, o.dst(), 0),
                            OnednnAssembly.operand(OnednnAssembly.DIFF_SRC, o.src(), 2)));
                    assembly.scale(o.src(), new Place.Operand(2), scale);
                  });
              return found.isPresent();
            });
  }

  /**
   * Makes dw = scale * the gradient to the weight, and db: operands x (n,h,w,ci), dy (n,ho,wo,co),
   * dw, db (co) if there is a bias.
   */
  OnednnOperation backwardWeights(double scale, boolean bias, long ceiling) {
    return choice("weight gradient", ceiling)
        .among(
            layouts(),
            (assembly, weights, skip) -> {
              Arena owner = assembly.arena();
              Operands all = operands(owner, spec, engine, weights, operands, operands);
              Operands o = bias ? all : all.withoutBias();
              Optional<MemorySegment> found =
                  assembly.skip(backwardWeightsDesc(engine, spec, owner, o, operands), skip);
              found.ifPresent(desc -> completeBackwardWeights(assembly, desc, o, scale));
              return found.isPresent();
            });
  }

  private void completeBackwardWeights(
      OnednnAssembly assembly, MemorySegment desc, Operands o, double scale) {
    MemorySegment gradient = engine.primitives().memory(desc, OnednnPrimitives.DIFF_WEIGHTS);
    boolean direct = engine.memory().same(gradient, layout.desc());
    Place stored = new Place.Operand(2);
    Place made = direct ? stored : assembly.reserve(engine.memory().bytes(gradient));
    List<Argument> arguments = new ArrayList<>();
    arguments.add(OnednnAssembly.operand(OnednnAssembly.SRC, o.src(), 0));
    arguments.add(OnednnAssembly.operand(OnednnAssembly.DIFF_DST, o.dst(), 1));
    arguments.add(new Argument(OnednnAssembly.DIFF_WEIGHTS, gradient, made));
    if (o.bias().address() != 0) {
      arguments.add(OnednnAssembly.operand(OnednnAssembly.DIFF_BIAS, o.bias(), 3));
    }
    assembly.step(desc, arguments);
    if (!direct) {
      assembly.reorder(gradient, made, layout.desc(), stored);
    }
    assembly.scale(layout.desc(), stored, scale);
  }

  private OnednnChoice choice(String direction, long ceiling) {
    return new OnednnChoice(engine, direction + " of " + spec, ceiling);
  }

  /** First the stored layout, then whatever a direction prefers, which costs a reorder. */
  private List<MemorySegment> layouts() {
    return List.of(layout.desc(), layout.any());
  }

  /** Returns the weight in the layout that the primitive wants; reorders it first if need be. */
  private Argument weightToRead(OnednnAssembly assembly, MemorySegment desc) {
    MemorySegment wanted = engine.primitives().memory(desc, OnednnPrimitives.WEIGHTS);
    Place stored = new Place.Operand(WEIGHT);
    if (engine.memory().same(wanted, layout.desc())) {
      return new Argument(OnednnAssembly.WEIGHTS, wanted, stored);
    }
    Place converted = assembly.reserve(engine.memory().bytes(wanted));
    assembly.reorder(layout.desc(), stored, wanted, converted);
    return new Argument(OnednnAssembly.WEIGHTS, wanted, converted);
  }

  static Operands operands(
      Arena owner,
      OnednnConvolutionSpec s,
      OnednnEngine engine,
      MemorySegment weights,
      DType src,
      DType dst) {
    OnednnMemory memory = engine.memory();
    return new Operands(
        memory.nhwc(owner, src, s.n(), s.h(), s.w(), s.ci()),
        weights,
        memory.strided(owner, new long[] {s.co()}, new long[] {1}),
        memory.nhwc(owner, dst, s.n(), s.ho(), s.wo(), s.co()));
  }

  private Optional<MemorySegment> forwardDesc(Arena owner, Operands o, MemorySegment attributes) {
    return engine.descriptors().convolutionForward(owner, engine.handle(), spec, o, attributes);
  }

  private Optional<MemorySegment> backwardDataDesc(Arena owner, Operands o) {
    MemorySegment attributes = engine.attributes().lentScratchpad(owner);
    return hint(engine, spec, owner, o, operands)
        .flatMap(
            hint ->
                engine
                    .descriptors()
                    .convolutionBackwardData(owner, engine.handle(), spec, o, hint, attributes));
  }

  static Optional<MemorySegment> backwardWeightsDesc(
      OnednnEngine engine, OnednnConvolutionSpec spec, Arena owner, Operands o, DType type) {
    MemorySegment attributes = engine.attributes().lentScratchpad(owner);
    return hint(engine, spec, owner, o, type)
        .flatMap(
            hint ->
                engine
                    .descriptors()
                    .convolutionBackwardWeights(owner, engine.handle(), spec, o, hint, attributes));
  }

  /** Describes the forward convolution that a backward one must name. */
  private static Optional<MemorySegment> hint(
      OnednnEngine engine, OnednnConvolutionSpec s, Arena owner, Operands o, DType type) {
    MemorySegment any = engine.memory().any(owner, type, s.co(), s.ci(), s.kh(), s.kw());
    Operands forward = operands(owner, s, engine, any, type, type);
    return engine
        .descriptors()
        .convolutionForward(
            owner,
            engine.handle(),
            s,
            o.bias().address() == 0 ? forward.withoutBias() : forward,
            MemorySegment.NULL);
  }
}
