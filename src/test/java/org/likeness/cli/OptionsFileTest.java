package org.likeness.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

class OptionsFileTest {
  @TempDir Path dir;

  private Path file(String yaml) throws IOException {
    return Files.writeString(dir.resolve("options.yaml"), yaml);
  }

  @Test
  void readsNestedSectionsAsDeepFaceLabWritesThem() throws IOException {
    Path file =
        file(
            """
            basic_param:
              archi: df-ud
              resolution: 96
            model_properties:
              lr: 5e-5
              lr_dropout: n
              adabelief: false
              gan properties:
                gan_power: 0.0
                gan_dims: 16
            augmentations:
              random_warp: yes
            """);
    Map<String, String> values = OptionsFile.read(file);
    assertEquals("df-ud", values.get("archi"));
    SaehdOptions options = SaehdOptions.of(values);
    assertEquals(96, options.resolution());
    assertEquals(5e-5, options.get(OptionTable.LR));
    assertEquals(false, options.get(OptionTable.ADABELIEF));
    assertEquals(true, options.get(OptionTable.RANDOM_WARP));
  }

  @Test
  void readsARecipe() throws IOException {
    Map<String, String> values =
        OptionsFile.read(
            file(
                """
                archi: df-ud
                phases:
                  - until: 200000
                  - {until: 300000, random_warp: false, lr_dropout: y}
                  - gan_power: 0.1
                """));
    assertEquals(
        "until=200000; until=300000, random_warp=false, lr_dropout=y; gan_power=0.1",
        SaehdOptions.of(values).stored().get("phases"));
  }

  @Test
  void anEmptyFileSetsNothing() throws IOException {
    assertEquals(Map.of(), OptionsFile.read(file("")));
    assertEquals(Map.of(), OptionsFile.read(file("# nothing yet\n")));
  }

  @Test
  void saysWhatIsWrongWithAFile() throws IOException {
    assertRefused("there is no options file %s", dir.resolve("none.yaml"));
    Path path = file("archi: df\nresolution: [96\n");
    assertRefused("%s, line 2 is not YAML: write one \"name: value\" on each line", path);
    file("- archi\n");
    assertRefused("%s holds no options: write one \"name: value\" on each line", path);
    file("a:\n  archi: df\nb:\n  archi: liae\n");
    assertRefused("%s sets archi twice: remove one of the two lines", path);
  }

  @Test
  void saysWhatIsWrongWithARecipe() throws IOException {
    assertRefused("%s: phase 1 is no list of \"name: value\"", file("phases:\n  - 200000\n"));
  }

  private static void assertRefused(String message, Path file) {
    IOException refusal = assertThrows(IOException.class, () -> OptionsFile.read(file));
    assertEquals(message.formatted(file), refusal.getMessage());
  }
}
