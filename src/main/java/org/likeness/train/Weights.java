package org.likeness.train;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.likeness.device.State;
import org.likeness.format.Dtype;
import org.likeness.format.SafetensorsTensor;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.nn.Initializer;
import org.likeness.saehd.ReferenceLayout;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingStep;

/**
 * Moves weights and slots between a device and checkpoints, which hold them in the reference's
 * layouts and under its names (spec model.md 7.3): {@code encoder/down1/...} is tensor {@code
 * down1/...} of file {@code encoder}.
 */
final class Weights {
  private static final int ALIGNMENT = 64; // the widest vector: devices may ask for it

  private Weights() {}

  /** The shapes that a checkpoint with this manifest holds. */
  static Map<String, Map<String, long[]>> layout(Manifest manifest) {
    return layout(manifest.options().inForce(Math.max(0, manifest.iteration() - 1)));
  }

  /** The shapes that a checkpoint of these options holds: file stem, tensor name, extents. */
  static Map<String, Map<String, long[]>> layout(SaehdOptions options) {
    TrainingStep step = TrainingStep.describe(options.architecture(), options.step());
    Map<String, Map<String, long[]>> layout = new LinkedHashMap<>();
    for (Tensor t : step.graph().persistent()) {
      layout
          .computeIfAbsent(stem(t), stem -> new LinkedHashMap<>())
          .put(rest(t), ReferenceLayout.parameterShape(t));
    }
    return layout;
  }

  private static String stem(Tensor t) {
    return t.name().substring(0, t.name().indexOf('/'));
  }

  private static String rest(Tensor t) {
    return t.name().substring(t.name().indexOf('/') + 1);
  }

  /** Gives every parameter its start; slots stay zero, as they were allocated. */
  static void initialise(State state, TrainingStep step) {
    initialise(state, step, name -> true);
  }

  /** Gives those parameters their start whose names are wanted. */
  static void initialise(State state, TrainingStep step, Predicate<String> wanted) {
    long seed = step.settings().seed();
    Map<String, Initializer> initializers = new HashMap<>();
    step.parameters().forEach((t, initializer) -> initializers.put(t.name(), initializer));
    for (Tensor t : state.tensors()) {
      if (t.role() == Role.PARAMETER && wanted.test(t.name())) {
        float[] values = Initializer.fill(initializers.get(t.name()), seed, t.name(), t.shape());
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment dense = arena.allocate(t.bytes(), ALIGNMENT);
          MemorySegment.copy(values, 0, dense, ValueLayout.JAVA_FLOAT, 0, values.length);
          state.write(t.name(), dense);
        }
      }
    }
  }

  /** Copies everything that the state holds, in the reference's layouts. */
  static Map<String, List<SafetensorsTensor>> read(State state, Arena arena) {
    Map<String, List<SafetensorsTensor>> files = new LinkedHashMap<>();
    for (Tensor t : state.tensors()) {
      MemorySegment dense = arena.allocate(t.bytes(), ALIGNMENT);
      state.read(t.name(), dense);
      MemorySegment reference = dense;
      if (t.shape().rank() == 4) {
        MemorySegment moved = arena.allocate(t.bytes(), ALIGNMENT);
        ReferenceLayout.parameter(t.shape(), (g, r) -> copy(dense, g, moved, r));
        reference = moved;
      }
      files
          .computeIfAbsent(stem(t), stem -> new ArrayList<>())
          .add(
              new SafetensorsTensor(
                  rest(t), dtype(t), ReferenceLayout.parameterShape(t), reference));
    }
    return files;
  }

  /**
   * Writes a checkpoint's tensors into the state and returns the names of those that the state has
   * and the checkpoint has not, or in another shape: another optimiser's slots, a discriminator.
   */
  static List<String> write(State state, Map<String, List<SafetensorsTensor>> files) {
    Map<String, SafetensorsTensor> saved = new HashMap<>();
    files.forEach((stem, list) -> list.forEach(t -> saved.put(stem + "/" + t.name(), t)));
    List<String> missing = new ArrayList<>();
    for (Tensor t : state.tensors()) {
      SafetensorsTensor reference = saved.get(t.name());
      if (reference == null
          || !Arrays.equals(reference.shape(), ReferenceLayout.parameterShape(t))) {
        missing.add(t.name());
        continue;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment dense = arena.allocate(t.bytes(), ALIGNMENT);
        if (t.shape().rank() == 4) {
          ReferenceLayout.parameter(t.shape(), (g, r) -> copy(reference.data(), r, dense, g));
        } else {
          dense.copyFrom(reference.data());
        }
        state.write(t.name(), dense);
      }
    }
    return missing;
  }

  /** Tells whether a checkpoint has all that the state has of a file, in the same shapes. */
  static boolean fits(State state, Map<String, List<SafetensorsTensor>> files, String stem) {
    Map<String, SafetensorsTensor> saved = new HashMap<>();
    files.getOrDefault(stem, List.of()).forEach(t -> saved.put(t.name(), t));
    return state.tensors().stream()
        .filter(t -> stem(t).equals(stem))
        .allMatch(
            t ->
                saved.containsKey(rest(t))
                    && Arrays.equals(
                        saved.get(rest(t)).shape(), ReferenceLayout.parameterShape(t)));
  }

  private static void copy(MemorySegment from, long fromIndex, MemorySegment to, long toIndex) {
    to.setAtIndex(
        ValueLayout.JAVA_FLOAT,
        toIndex,
        from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, fromIndex * Float.BYTES));
  }

  private static Dtype dtype(Tensor t) {
    return switch (t.dtype()) {
      case F32 -> Dtype.F32;
      case I64 -> Dtype.I64;
      case F64, BF16, F16, U8 ->
          throw new IllegalArgumentException(t + " is neither a weight nor a counter");
    };
  }
}
