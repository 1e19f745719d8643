package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.likeness.graph.DType;
import org.likeness.graph.DeviceProfile;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphBuilder;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.graph.Work;

class ModelledGpuTest {
  private static final ModelledGpu CARD = ModelledGpu.named("rtx-3060");

  /** A product of few rows and a long sum, which the device splits. */
  private static Graph product() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(16, 65536), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(65536, 64), DType.F32);
    b.fetch("y", b.add("y", new Linear.Dense(1, false), x, w));
    return b.build();
  }

  @Test
  void asksTheLoweringForTheWorkspace() {
    Graph graph = product();
    Node node = graph.nodes().getFirst();
    Target target = new Target(86, 28, 99 << 10, false);
    long bytes = Lowering.workspaceBytes(node, target);
    DeviceProfile profile = CARD.profile(graph);
    assertEquals(Map.of(node, bytes), profile.workspace());
    assertEquals(CudaDevice.ALIGNMENT, profile.alignment());
    assertEquals(Feeds.SLOTS, profile.feedSlots());
  }

  /** The weight's 16.8 MB alone take 360 GB/s longer than its arithmetic takes. */
  @Test
  void isAsFastAsItsBandwidthOrItsArithmetic() {
    Graph graph = product();
    double traffic = Work.traffic(graph.nodes().getFirst());
    assertEquals(traffic / 360e9, CARD.seconds(graph), 1e-12);
    ModelledGpu slow = new ModelledGpu("slow", 12, 86, 28, 99 << 10, 1e9, 2e9, 360e9);
    assertEquals(Work.flops(graph) / 1e9, slow.seconds(graph), 1e-12);
  }

  @Test
  void anUnknownCardIsRefusedWithThoseThatThereAre() {
    var refusal = assertThrows(IllegalArgumentException.class, () -> ModelledGpu.named("voodoo-2"));
    assertEquals(
        "--card voodoo-2: there is no data for that card; use one of rtx-4060, rtx-2080-ti,"
            + " rtx-3060, rtx-4070, rtx-3090, rtx-4090, rtx-5090, h100, h200",
        refusal.getMessage());
  }
}
