package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PhasesTest {
  private static final String RECIPE =
      "until=200; until=300, random_warp=false; until=400, lr_dropout=y; gan_power=0.1";

  private static SaehdOptions options(String phases) {
    return SaehdOptions.of(Map.of("phases", phases));
  }

  @Test
  void changesLastUntilTheyAreChangedAgain() {
    SaehdOptions options = options(RECIPE);
    assertEquals(SaehdOptions.defaults(), options.inForce(199));
    assertEquals(false, options.inForce(200).get(OptionTable.RANDOM_WARP));
    assertEquals("n", options.inForce(299).get(TrainingOptions.LR_DROPOUT));
    assertEquals("y", options.inForce(300).get(TrainingOptions.LR_DROPOUT));
    SaehdOptions last = options.inForce(1_000_000);
    assertEquals(0.1, last.get(LossOptions.GAN_POWER));
    assertEquals(false, last.get(OptionTable.RANDOM_WARP));
    assertEquals("y", last.get(TrainingOptions.LR_DROPOUT));
  }

  @Test
  void knowsWhereEachPhaseEnds() {
    Phases phases = options(RECIPE).phases();
    assertEquals(200, phases.end(0));
    assertEquals(300, phases.end(200));
    assertEquals(Long.MAX_VALUE, phases.end(400));
    assertEquals(Long.MAX_VALUE, options("").phases().end(7));
    assertEquals(10, options("until=10").phases().end(12), "training ends where the last one does");
  }

  @Test
  void isStoredAsItIsWritten() {
    SaehdOptions options = options(" until = 200 ;until=300,random_warp=false");
    assertEquals("until=200; until=300, random_warp=false", options.get(TrainingOptions.PHASES));
    assertEquals(options, options(options.get(TrainingOptions.PHASES)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          until=5; until=5, lr=1 | phases: phase 2 must end after iteration 5, and only the last may go on for ever
          lr=1e-4; until=5 | phases: phase 1 must end after iteration 0, and only the last may go on for ever
          until=soon | phases: phase 1 ends at soon: use until and a whole number
          until=5, lr=1, lr=0.5 | phases: phase 1 sets lr twice: remove one of the two
          until=5, flip | phases: phase 1 has "flip" where name=value belongs
          until=5, archi=df | phases: phase 1 may not change archi
          until=5, target_iter=9 | phases: phase 1 may not change target_iter
          until=5; pretrain=y | phases: phase 2 may not change pretrain
          until=5, gan_pwoer=1 | there is no option gan_pwoer; did you mean gan_power?
          until=5, lr=2 | lr 2 is not allowed: use a number from 0 to 1
          until=5; true_face_power=0.1 | true_face_power needs a df architecture: with liae-ud leave it at 0
          """)
  void refusesARecipeThatCannotBeWalked(String recipe, String message) {
    InvalidOptionException refusal =
        assertThrows(InvalidOptionException.class, () -> options(recipe));
    assertEquals(message, refusal.getMessage());
  }

  @Test
  void pretrainingAndARecipeExcludeEachOther() {
    Map<String, String> text = Map.of("phases", "until=5", "pretrain", "y");
    InvalidOptionException refusal =
        assertThrows(InvalidOptionException.class, () -> SaehdOptions.of(text));
    assertEquals(
        "phases and pretrain exclude each other, because the iterations start anew after"
            + " pretraining; pretrain first, then give the phases",
        refusal.getMessage());
  }
}
