package org.likeness.device;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.likeness.graph.DType;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Node;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Tensor;

/** Something that runs planned graphs. One thread at a time may use it. */
public interface Device extends AutoCloseable {
  /** Returns the name that opens it, such as "cpu". */
  String name();

  /** Returns processor and library versions for a person, one line. */
  String description();

  /** Returns what results depend on besides the plan and {@link #algorithms}, one line. */
  default String identity() {
    return description();
  }

  /** Returns one sentence for a person whose computer could be faster than it is. */
  default Optional<String> advice() {
    return Optional.empty();
  }

  /** Returns how it computes each shape that it was asked to profile. */
  default Algorithms algorithms() {
    return Algorithms.NONE;
  }

  /** Lets it compute, from now on, as an earlier run did: each shape for which it still can. */
  default void reuse(Algorithms earlier) {}

  /** Returns what a plan of this scheduled graph depends on, read from the device. */
  DeviceProfile profile(Graph scheduled);

  /** Returns about how many seconds a node takes, to compare plans by. */
  double seconds(Node node);

  /**
   * Returns what plans are chosen for: like {@link #profile}, but without measuring anything, so
   * that many plans can be tried; the profile of the one that is taken may need other workspaces.
   */
  default PlanTarget sketch() {
    return planTarget();
  }

  /** Returns what the plan that is taken is made for. */
  default PlanTarget planTarget() {
    return new PlanTarget(this::profile, this::seconds);
  }

  /**
   * Returns how much memory there is for plans now, other processes' left out; nothing where no
   * more than the machine's own limit is known.
   */
  default OptionalLong freeBytes() {
    return OptionalLong.empty();
  }

  /** Returns the memory that goes to a driver beside what is planned, about. */
  default long overheadBytes() {
    return 0;
  }

  /**
   * Says whether convolutions and products of f32 may round their operands to TF32, 11 bits, in
   * programs that are profiled and loaded from now on; devices without TF32 go on in f32.
   */
  void allowTf32(boolean allowed);

  /** Tells whether convolutions of operands of this type run on instructions made for it. */
  boolean isFastIn(DType type);

  /** Allocates parameters and slots, zeroed; programs find them by name. */
  State allocate(List<Tensor> persistent);

  /**
   * Prepares a plan to run on a state that holds its parameters and slots. Programs of one state
   * run in turns and share its slab: a plan that needs no more than those loaded before it takes no
   * memory of its own for activations.
   *
   * @throws IllegalArgumentException when the state lacks one or the plan breaks the profile
   */
  Program load(ExecutionPlan plan, State state);

  @Override
  void close();
}
