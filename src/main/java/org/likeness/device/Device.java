package org.likeness.device;

import java.util.List;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Tensor;

/** Something that runs planned graphs. One thread at a time may use it. */
public interface Device extends AutoCloseable {
  /** Returns the name that opens it, such as "cpu". */
  String name();

  /** Returns processor and library versions for a person, one line. */
  String description();

  /** Returns what a plan of this scheduled graph depends on, read from the device. */
  DeviceProfile profile(Graph scheduled);

  /**
   * Says whether convolutions and products of f32 may round their operands to TF32, 11 bits, in
   * programs that are profiled and loaded from now on; devices without TF32 go on in f32.
   */
  void allowTf32(boolean allowed);

  /** Allocates parameters and slots, zeroed; programs find them by name. */
  State allocate(List<Tensor> persistent);

  /**
   * Prepares a plan to run on a state that holds its parameters and slots.
   *
   * @throws IllegalArgumentException when the state lacks one or the plan breaks the profile
   */
  Program load(ExecutionPlan plan, State state);

  @Override
  void close();
}
