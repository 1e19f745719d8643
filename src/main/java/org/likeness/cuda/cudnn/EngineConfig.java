package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINECFG_ENGINE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINECFG_KNOB_CHOICES;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINE_GLOBAL_INDEX;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINE_NUMERICAL_NOTE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_NUMERICAL_NOTE_TENSOR_CORE;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.likeness.cuda.ElementType;

/**
 * What cuDNN tells of an engine and the knobs that its heuristics chose for it.
 *
 * @param name such as "eng11_k2=1_k24=3": the engine's number, then knobs by number
 */
record EngineConfig(String name, Set<Integer> numerical, Set<Integer> behaviour) {
  /** More than there are kinds of notes. */
  private static final int MOST_NOTES = 64;

  /** More than there are kinds of knobs; cuDNN does not tell their number beforehand. */
  private static final int MOST_KNOBS = 64;

  /** Reads a finalized configuration. */
  static EngineConfig read(CudnnCalls cudnn, Descriptor config) {
    try (Descriptors descriptors = new Descriptors(cudnn)) {
      Descriptor engine =
          descriptors.create(DescriptorType.CUDNN_BACKEND_ENGINE_DESCRIPTOR, "engine");
      config.read(CUDNN_ATTR_ENGINECFG_ENGINE, List.of(engine));
      List<Descriptor> choices =
          descriptors.create(
              MOST_KNOBS, DescriptorType.CUDNN_BACKEND_KNOB_CHOICE_DESCRIPTOR, "knob choice");
      int read = config.read(CUDNN_ATTR_ENGINECFG_KNOB_CHOICES, choices);
      String knobs =
          choices.subList(0, read).stream()
              .map(
                  choice ->
                      "_k"
                          + choice.number(CUDNN_ATTR_KNOB_CHOICE_KNOB_TYPE)
                          + "="
                          + choice.number(CUDNN_ATTR_KNOB_CHOICE_KNOB_VALUE))
              .sorted()
              .collect(Collectors.joining());
      return new EngineConfig(
          "eng" + engine.number(CUDNN_ATTR_ENGINE_GLOBAL_INDEX) + knobs,
          notes(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE),
          notes(engine, CUDNN_ATTR_ENGINE_BEHAVIOR_NOTE));
    }
  }

  private static Set<Integer> notes(Descriptor engine, Attribute attribute) {
    return Arrays.stream(engine.numbers(attribute, MOST_NOTES))
        .mapToObj(note -> (int) note)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /**
   * Returns whether it gives the same bits each time and sums at least as precisely as a
   * convolution asks for. Inputs are never rounded to half precision, whose range f32 leaves.
   */
  boolean suits(CudnnConvolution convolution) {
    boolean full = convolution.type() == ElementType.F32;
    return !numerical.contains(CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC)
        && !numerical.contains(CUDNN_NUMERICAL_NOTE_REDUCED_PRECISION_REDUCTION)
        && !(full && numerical.contains(CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS))
        && !(full && !convolution.tf32() && numerical.contains(CUDNN_NUMERICAL_NOTE_TENSOR_CORE));
  }

  /** Returns whether its first run may compile a kernel. */
  boolean compilesAtRunTime() {
    return behaviour.contains(CUDNN_BEHAVIOR_NOTE_RUNTIME_COMPILATION);
  }
}
