package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.likeness.graph.Window;
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

  /** 3x3 convolutions (n,side,side,512) of as many channels in bf16, of which traffic is little. */
  private static double secondsASample(int side, int samples) {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(samples, side, side, 512), DType.BF16);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(512, 3, 3, 512), DType.BF16);
    Linear.Conv2d conv = new Linear.Conv2d(Window.centred(3, 1), 1, false, Linear.Epilogue.NONE);
    b.fetch("y", b.add("y", conv, x, w));
    return ModelledGpu.named("h200").target().seconds(b.build()) / samples;
  }

  /** 169 rows by 512 columns are 8 tiles of 128 x 128, for 132 multiprocessors. */
  @Test
  void fewSamplesOfFewPixelsLeaveItIdle() {
    double small = secondsASample(13, 1) / secondsASample(13, 16);
    double large = secondsASample(104, 1) / secondsASample(104, 16);
    assertTrue(small > 2.5, small + " times as long");
    assertTrue(large < 1.2, large + " times as long");
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
