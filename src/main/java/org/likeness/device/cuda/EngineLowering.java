package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument.F32;
import org.likeness.device.cuda.Launch.Argument.I32;
import org.likeness.device.cuda.Launch.Argument.Pointer;
import org.likeness.device.cuda.Launch.Entry;
import org.likeness.device.cuda.Launch.Grid;
import org.likeness.graph.Linear;
import org.likeness.graph.Shape;

/** Commands for {@link Linear} nodes by a library's engine: the call, and our kernels after it. */
final class EngineLowering {
  private static final int THREADS = 256;

  private EngineLowering() {}

  /** Returns the commands that compute the node, in order. */
  static List<Command> lower(Linear op, Operands o, EngineTactic tactic) {
    Remainder remainder = Remainder.of(op);
    long bias = remainder.bias() ? o.in(2) : 0;
    long residual = remainder.residual() ? o.inputs().getLast() : 0;
    boolean fused = tactic.fused();
    List<Command> commands = new ArrayList<>();
    commands.add(
        new EngineCall(
            tactic.problem(),
            tactic.engine().name(),
            new EngineCall.Buffers(
                o.in(0),
                o.in(1),
                o.out(0),
                fused ? bias : 0,
                fused ? residual : 0,
                tactic.engine().workspaceBytes() > 0 ? o.workspace() : 0)));
    if (!fused) {
      commands.add(epilogue(o, remainder, bias, residual));
    }
    EngineTactic.biasGradient(o.node())
        .ifPresent(
            sum ->
                commands.addAll(
                    sum.launches(
                        FloatType.of(op, o.type(1)),
                        FloatType.of(op, o.outputType(1)),
                        o.in(1),
                        o.out(1),
                        o.workspace(),
                        1)));
    return commands;
  }

  /** What the engine left out, in place. */
  private static Launch epilogue(Operands o, Remainder r, long bias, long residual) {
    FloatType type = FloatType.of(o.node().op(), o.outputType(0));
    Shape y = o.outputShape(0);
    return new Launch(
        new Entry("epilogue", type.entry("epilogue")),
        Grid.over(Math.ceilDiv(y.elements(), type.lanes()), THREADS),
        0,
        List.of(
            new Pointer(o.out(0)),
            new Pointer(bias),
            new Pointer(residual),
            new Pointer(y.elements()),
            new I32(y.dim(y.rank() - 1)),
            new F32((float) r.scale()),
            new F32((float) r.activation().slope()),
            new I32(r.activation().kind().ordinal())));
  }
}
