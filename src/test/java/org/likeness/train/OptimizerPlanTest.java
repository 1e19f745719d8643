package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Levers;
import org.likeness.saehd.SaehdOptions;

/** What options that concern the optimiser do to the plan of a whole session. */
class OptimizerPlanTest {
  /** AdaBelief's two slots of every weight go, and their way over the bus takes its time. */
  @Test
  void anOptimiserInTheComputersMemoryTakesNoneOfTheCards() {
    SaehdOptions options = SaehdOptions.of(Map.of("archi", "df-ud", "resolution", "64"));
    SaehdOptions off = options.withText(Map.of("models_opt_on_gpu", "false"));
    ModelledGpu gpu = ModelledGpu.named("rtx-4060");
    VramPlan card = VramPlan.of(options, gpu, Levers.DEFAULT);
    VramPlan host = VramPlan.of(off, gpu, Levers.DEFAULT);
    long moved = host.step().hostBytes();
    assertEquals(2 * card.pools().get("parameters"), moved, 1e-3 * moved);
    assertEquals(card.plannedBytes() - moved, host.plannedBytes());
    assertEquals(0, card.step().hostBytes());
    assertEquals(moved / 25e9, (host.milliseconds() - card.milliseconds()) / 1000, 1e-4);
  }

  /** Where the activations are cut small, 355 MB of dense gradients at once would be the peak. */
  @Test
  void clippingKeepsNoDenseGradient() {
    SaehdOptions options =
        SaehdOptions.of(Map.of("archi", "liae-udt", "resolution", "416", "batch_size", "16"));
    ModelledGpu gpu = ModelledGpu.named("rtx-4090");
    long plain = VramPlan.of(options, gpu, Levers.DEFAULT.cut(16)).plannedBytes();
    SaehdOptions clipped = options.withText(Map.of("clipgrad", "true"));
    long planned = VramPlan.of(clipped, gpu, Levers.DEFAULT.cut(16)).plannedBytes();
    assertEquals(plain, planned, 0.005 * plain);
  }
}
