package org.likeness.train;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.saehd.Faces;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

/** A trained session at work: turns dst faces into src faces of the same pose and expression. */
public final class Swapper implements AutoCloseable {
  private final SaehdOptions options;
  private final long iteration;
  private final Arena arena = Arena.ofShared();
  private final State state;
  private final Program program;
  private final MemorySegment image; // (1, R, R, 3)
  private final MemorySegment mask; // (1, R, R, 1)

  /**
   * A swapped face.
   *
   * @param image (R, R, 3), BGR, 0 to 1
   * @param mask (R, R, 1): where both the swapped and the original face are, but for whole heads
   *     where the swapped one is (spec model.md 6.7)
   */
  public record Swap(float[] image, float[] mask) {}

  private Swapper(Device device, Checkpoint checkpoint) {
    options = checkpoint.options();
    iteration = checkpoint.iteration();
    Graph graph = Faces.swap(options.architecture(), 1);
    state = device.allocate(graph.persistent());
    List<String> missing = Weights.write(state, checkpoint.files());
    assert missing.isEmpty() : missing;
    program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state);
    long pixels = (long) options.resolution() * options.resolution();
    image = arena.allocate(3 * pixels * Float.BYTES, 64);
    mask = arena.allocate(pixels * Float.BYTES, 64);
  }

  /**
   * Loads the newest whole checkpoint of a session; {@code say} hears of damaged ones. The device
   * must outlive what is returned.
   */
  public static Swapper open(Path session, Device device, Consumer<String> say) throws IOException {
    try (Generation generation = SessionFolder.read(session, Weights::layout, say)) {
      return new Swapper(device, generation.checkpoint());
    }
  }

  /** The session's options. */
  public SaehdOptions options() {
    return options;
  }

  /** The iteration that the weights are of. */
  public long iteration() {
    return iteration;
  }

  /** Swaps one face (R, R, 3), BGR, 0 to 1, cropped as the session's face type says. */
  public Swap swap(float[] face) {
    MemorySegment.copy(face, 0, image, ValueLayout.JAVA_FLOAT, 0, face.length);
    program.write("dst", image);
    program.run();
    float[] swapped = read("src_dst", image);
    float[] swappedMask = read("src_dstm", mask);
    if (!options.get(OptionTable.FACE_TYPE).equals("head")) {
      float[] original = read("dst_dstm", mask);
      for (int i = 0; i < original.length; i++) {
        swappedMask[i] *= original[i];
      }
    }
    return new Swap(swapped, swappedMask);
  }

  private float[] read(String fetch, MemorySegment into) {
    program.read(fetch, into);
    return into.toArray(ValueLayout.JAVA_FLOAT);
  }

  @Override
  public void close() {
    program.close();
    state.close();
    arena.close();
  }
}
