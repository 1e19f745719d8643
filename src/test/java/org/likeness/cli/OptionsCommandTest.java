package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.likeness.saehd.Option;
import org.likeness.saehd.OptionCost;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SessionOptions;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class OptionsCommandTest {
  @Test
  void everyOptionIsThereForPeopleAndForPrograms() {
    String text = CommandLineRun.of("options").out();
    JsonNode list = JsonMapper.shared().readTree(CommandLineRun.of("options", "--json").out());
    assertEquals(OptionTable.ALL.size(), list.path("options").size());
    for (int i = 0; i < OptionTable.ALL.size(); i++) {
      Option<?> option = OptionTable.ALL.get(i);
      assertTrue(text.contains("  " + option.name() + ": "), option.name());
      assertTrue(text.contains(option.help()), option.name());
      JsonNode json = list.path("options").get(i);
      assertEquals(option.name(), json.path("name").asString());
      for (String key : new String[] {"type", "range", "dialect", "may_change", "advice"}) {
        assertTrue(!json.path(key).asString("").isEmpty(), option.name() + " " + key);
      }
    }
  }

  @Test
  void memoryIsThatOfThePlan() {
    long half = OptionCost.of(OptionTable.ADABELIEF).orElseThrow().bytes();
    assertEquals(-4L * 82_376_555, half, 1e6, "RMSprop has one slot of the parameters less");
    assertTrue(OptionCost.of(SessionOptions.SAVE_MINUTES).isEmpty());
  }

  /** After a change: {@code ./likeness options --markdown}, and paste it into the README. */
  @Test
  void theReadmesTableIsMadeFromTheSameRecord() throws IOException {
    String readme = Files.readString(Path.of("README.md")).replace("\r\n", "\n");
    assertTrue(readme.contains("<!-- options -->\n" + OptionsCommand.markdown()), "out of date");
  }
}
