package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.graph.Graph;
import org.likeness.graph.LayerStatistics;
import org.likeness.graph.Levers;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingStep;
import org.likeness.train.NodeName.Phase;

class NodeNameTest {
  private static Graph step(int parts) {
    Map<String, String> dims =
        Map.of("ae_dims", "32", "e_dims", "16", "d_dims", "16", "d_mask_dims", "16");
    SaehdOptions options =
        SaehdOptions.of(dims).withText(Map.of("archi", "df-ud", "resolution", "64"));
    TrainingStep step = TrainingStep.describe(options.architecture(), options.step());
    return Levers.DEFAULT.cut(parts).apply(step.fetching(List.of("src_loss", "dst_loss"), false));
  }

  @ParameterizedTest
  @CsvSource({
    "encoder/down1/act#2, encoder/down1",
    "d/encoder/res1/conv1/weight:0#3, encoder/res1",
    "d/inter_AB/dense1/weight:0+1, inter_AB/dense1",
    "decoder/upscale0/act~3, decoder/upscale0",
    "statistics/d/decoder/heads/bias:0, decoder/heads",
    "src_code#2, src_code"
  })
  void aLayerIsTheFirstTwoPartsOfAName(String value, String layer) {
    assertEquals(layer, NodeName.layer(value));
  }

  @Test
  void everyNodeOfAStepHasSidePhaseAndLayer() {
    List<NodeName> names = NodeName.of(LayerStatistics.apply(step(1)).graph());
    assertEquals(
        List.of("dst", "src", "updates"),
        List.copyOf(new TreeSet<>(names.stream().map(NodeName::pass).toList())));
    Map<Phase, Integer> phases = new EnumMap<>(Phase.class);
    names.forEach(name -> phases.merge(name.phase(), 1, Integer::sum));
    assertEquals(Phase.values().length, phases.size(), phases.toString());
    NodeName forward =
        names.stream().filter(n -> n.value().equals("encoder/down1/downs_0/act")).findFirst().get();
    assertEquals(
        new NodeName("encoder/down1/downs_0/act", "encoder/down1", "src", Phase.FORWARD), forward);
  }

  @Test
  void microBatchesAreNumbered() {
    assertEquals(
        List.of("dst part 1", "dst part 2", "src", "src part 1", "src part 2", "updates"),
        List.copyOf(new TreeSet<>(NodeName.of(step(2)).stream().map(NodeName::pass).toList())));
  }
}
