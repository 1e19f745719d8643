package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.likeness.saehd.LossOptions;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SessionOptions;

class QuestionsTest {
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  private SaehdOptions ask(SaehdOptions begun, boolean isNew, String... answers)
      throws IOException {
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    String text = String.join("\n", answers) + "\n";
    return new Questions(new StringReader(text), out).ask(begun, isNew);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
  }

  @Test
  void enterKeepsEveryDefault() throws IOException {
    assertEquals(SaehdOptions.defaults(), ask(SaehdOptions.defaults(), true));
    String asked = printed();
    assertTrue(asked.startsWith("[] session_name ( letters, digits, - and _ ?:help ) : "), asked);
    assertTrue(asked.contains("[n] write_preview_history ( y/n ?:help ) : "), asked);
    assertTrue(
        asked.indexOf("] resolution (") < asked.indexOf("] face_type (")
            && asked.indexOf("] face_type (") < asked.indexOf("] archi (")
            && asked.indexOf("] archi (") < asked.indexOf("] ae_dims ("),
        "DeepFaceLab's order");
    assertTrue(
        asked.indexOf("] batch_size (") < asked.indexOf("] precision (")
            && asked.indexOf("] blur_out_mask (") < asked.indexOf("] models_opt_on_gpu (")
            && asked.indexOf("] models_opt_on_gpu (") < asked.indexOf("] adabelief ("),
        asked);
    assertTrue(asked.contains("[n] lr_dropout ( n/y/cpu ?:help ) : "), asked);
    assertFalse(asked.contains("gan_dims"), "gan_power is 0");
    assertFalse(asked.contains("maximum_n_backups"), "there are none");
    assertFalse(asked.contains("masked_training"), "the face type is f");
    assertFalse(asked.contains("true_face_power"), "the architecture is liae");
  }

  @Test
  void answersAreCheckedAndExplained() throws IOException {
    SaehdOptions begun = SaehdOptions.of(Map.of("archi", "df-ud"));
    SaehdOptions answered =
        ask(begun, false, "", "", "", "?", "64", "8", "1000"); // the fourth is preview_samples
    assertEquals(8, answered.get(SessionOptions.PREVIEW_SAMPLES));
    assertEquals(1000, answered.get(OptionTable.TARGET_ITER));
    String asked = printed();
    assertTrue(
        asked.contains(
            "Faces in a preview, at most as many as a batch has (1 to 16; default 4).\n"),
        asked);
    assertTrue(
        asked.contains("preview_samples 64 is not allowed: use a whole number from 1 to 16\n"),
        asked);
    assertFalse(asked.contains("resolution"), "the model is fixed");
    assertTrue(asked.contains("true_face_power"), "df has it");
  }

  @Test
  void aPowerBringsItsQuestions() throws IOException {
    SaehdOptions begun = SaehdOptions.of(Map.of("gan_power", "0.1", "dialect", "mve"));
    SaehdOptions answered = ask(begun, false);
    assertEquals(0.1, answered.get(LossOptions.GAN_POWER));
    assertTrue(printed().contains("[0.1] gan_smoothing ( 0 to 0.5 ?:help ) : "), printed());
    assertTrue(printed().contains("[n] eyes_prio ("), printed());
    assertFalse(printed().contains("eyes_mouth_prio"), printed());
  }
}
