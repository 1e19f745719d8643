package org.likeness.device.cuda;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.Graph;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.PlanTarget;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.graph.Work;

/**
 * A GPU that need not be there: what plans for it depend on, from its data sheet. The device itself
 * may choose other tilings, because it measures them, but none with more workspace than its
 * ceiling.
 *
 * @param name as {@code --card} calls it
 * @param capability 10 times the compute capability's major number plus its minor one
 * @param sharedBytes most shared memory that a block may opt in to
 * @param flops f32 operations per second at most
 * @param halfFlops 16-bit operations, summed in f32, per second at most (spec performance.md)
 * @param bandwidth bytes per second to device memory at most
 */
public record ModelledGpu(
    String name,
    double gibibytes,
    int capability,
    int multiprocessors,
    int sharedBytes,
    double flops,
    double halfFlops,
    double bandwidth) {
  /** Memory that the driver takes for a context and modules, about (spec performance.md 2). */
  public static final long CONTEXT_BYTES = 600_000_000;

  /** Most of a card's memory that a plan and the driver's context should take together. */
  private static final double USABLE = 0.92;

  /** Bytes per second to the host's memory and as many back, PCIe 4 with 16 lanes. */
  private static final double BUS = 25e9;

  private static final int SHARED_75 = 64 << 10;
  private static final int SHARED_86 = 99 << 10;
  private static final int SHARED_90 = 227 << 10;

  /** The cards that there is data for, smallest memory first. */
  public static final List<ModelledGpu> ALL =
      List.of(
          new ModelledGpu("rtx-4060", 8, 89, 24, SHARED_86, 15.1e12, 30.2e12, 272e9),
          new ModelledGpu("rtx-2080-ti", 11, 75, 68, SHARED_75, 13.4e12, 53.8e12, 616e9),
          new ModelledGpu("rtx-3060", 12, 86, 28, SHARED_86, 12.7e12, 25.4e12, 360e9),
          new ModelledGpu("rtx-4070", 12, 89, 46, SHARED_86, 29.1e12, 58.2e12, 504e9),
          new ModelledGpu("rtx-3090", 24, 86, 82, SHARED_86, 35.6e12, 71e12, 936e9),
          new ModelledGpu("rtx-4090", 24, 89, 128, SHARED_86, 82.6e12, 165.2e12, 1008e9),
          new ModelledGpu("rtx-5090", 32, 120, 170, SHARED_86, 104.8e12, 209.5e12, 1792e9),
          new ModelledGpu("h100", 80, 90, 132, SHARED_90, 66.9e12, 790e12, 3350e9),
          new ModelledGpu("h200", 141, 90, 132, SHARED_90, 66.9e12, 790e12, 4800e9));

  /** Returns the card of that name, or refuses with those that there are. */
  public static ModelledGpu named(String name) {
    for (ModelledGpu gpu : ALL) {
      if (gpu.name.equals(name.toLowerCase(Locale.ROOT))) {
        return gpu;
      }
    }
    throw new IllegalArgumentException(
        "--card "
            + name
            + ": there is no data for that card; use one of "
            + ALL.stream().map(ModelledGpu::name).collect(Collectors.joining(", ")));
  }

  /**
   * Returns the card that a driver calls {@code NVIDIA GeForce RTX 4090} for example, or the one
   * whose multiprocessors are nearest in number: near enough to compare plans by.
   */
  static ModelledGpu like(String driversName, int multiprocessors) {
    String name = driversName.toLowerCase(Locale.ROOT).replace(' ', '-');
    return ALL.stream()
        .filter(gpu -> name.contains(gpu.name))
        .findFirst()
        .orElseGet(
            () ->
                ALL.stream()
                    .min(
                        Comparator.comparingInt(
                            gpu -> Math.abs(gpu.multiprocessors - multiprocessors)))
                    .orElseThrow());
  }

  /** Returns the bytes that a plan may take on the card with nothing else running. */
  public long usableBytes() {
    return (long) (gibibytes * (1L << 30) * USABLE) - CONTEXT_BYTES;
  }

  /** Returns what a plan of this graph depends on. */
  public DeviceProfile profile(Graph scheduled) {
    return profile(scheduled, costs());
  }

  private DeviceProfile profile(Graph scheduled, ModelledCosts costs) {
    Map<Node, Long> workspace = new HashMap<>();
    for (Node node : scheduled.nodes()) {
      long bytes = costs.workspaceBytes(node);
      if (bytes > 0) {
        workspace.put(node, bytes);
      }
    }
    return new DeviceProfile(
        name,
        usableBytes(),
        CudaDevice.ALIGNMENT,
        ConvolutionChoice.WORKSPACE_CEILING,
        Map.of(),
        workspace,
        Feeds.SLOTS);
  }

  /**
   * Returns the least seconds that a graph takes here: each node at the card's arithmetic or at its
   * bandwidth, whichever is slower, and nothing lost between nodes.
   */
  public double seconds(Graph graph) {
    return graph.nodes().stream().mapToDouble(this::seconds).sum();
  }

  /** Returns the least seconds that a node takes here. */
  public double seconds(Node node) {
    return seconds(node, 1);
  }

  /** Returns the seconds of a node whose arithmetic has this part of the multiprocessors. */
  double seconds(Node node, double filled) {
    boolean half =
        node.op() instanceof Linear
            && node.inputs().getFirst().dtype().bytes() == 2
            && node.inputs().get(1).dtype().bytes() == 2;
    double rate = filled * (half ? halfFlops : flops);
    return Math.max(Work.flops(node) / rate, Work.traffic(node) / bandwidth)
        + hostBytes(node) / BUS;
  }

  /**
   * Returns what plans for the card are made for and compared by: seconds that see small layers
   * leave multiprocessors idle.
   */
  public PlanTarget target() {
    ModelledCosts costs = costs();
    return new PlanTarget(graph -> profile(graph, costs), costs::seconds);
  }

  private ModelledCosts costs() {
    return new ModelledCosts(this, new Target(capability, multiprocessors, sharedBytes, false));
  }

  /** Bytes of the host's that a node changes: as many come as go, at the same time. */
  private static long hostBytes(Node node) {
    return node.mutated().stream()
        .filter(t -> t.role() == Role.HOST_SLOT)
        .mapToLong(Tensor::bytes)
        .sum();
  }
}
