package org.likeness.device.cpu;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cpu.OnednnOperation.Argument;

/**
 * An epilogue as oneDNN does it.
 *
 * @param attributes of the primitive that does it
 * @param arguments that the primitive then takes besides its own
 * @param addsBias whether the bias is among them: a primitive's own bias would be scaled too
 */
record OnednnPostOps(MemorySegment attributes, List<Argument> arguments, boolean addsBias) {
  private static final int FIRST_ADDED = 2; // after x and the weight

  /** Makes them for a result that lies as {@code result}, with a bias that is spread over it. */
  static OnednnPostOps of(
      OnednnEngine engine,
      Arena owner,
      OnednnEpilogue epilogue,
      MemorySegment bias,
      MemorySegment result) {
    OnednnAttributes calls = engine.attributes();
    MemorySegment postOps = calls.postOps(owner);
    List<Argument> arguments = new ArrayList<>();
    boolean scaled = epilogue.scale() != 1;
    int length = 0;
    int operand = FIRST_ADDED;
    if (scaled) {
      calls.eltwise(postOps, OnednnAttributes.LINEAR, (float) epilogue.scale());
      length++;
    }
    if (epilogue.bias()) {
      if (scaled) {
        calls.add(postOps, bias);
        arguments.add(OnednnAssembly.operand(OnednnAssembly.postOp(length++), bias, operand));
      }
      operand++;
    }
    if (epilogue.residual()) {
      calls.add(postOps, result);
      arguments.add(OnednnAssembly.operand(OnednnAssembly.postOp(length), result, operand));
    }
    switch (epilogue.activation()) {
      case OnednnEpilogue.Activation.Identity() -> {}
      case OnednnEpilogue.Activation.LeakyRelu(double slope) ->
          calls.eltwise(postOps, OnednnAttributes.RELU, (float) slope);
    }
    MemorySegment attributes = calls.lentScratchpad(owner);
    calls.setPostOps(attributes, postOps);
    return new OnednnPostOps(attributes, arguments, scaled && epilogue.bias());
  }
}
