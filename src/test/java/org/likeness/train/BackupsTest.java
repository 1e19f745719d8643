package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.SaehdOptions;

class BackupsTest {
  private static final Map<String, Map<String, long[]>> LAYOUT =
      Map.of("encoder", Map.of("w", new long[] {1}));

  @TempDir Path session;
  private final List<String> said = new ArrayList<>();
  private CheckpointStore checkpoints;
  private LocalDateTime now = LocalDateTime.of(2030, 5, 17, 23, 59, 58);

  @BeforeEach
  void savedOnce() throws IOException {
    checkpoints = new CheckpointStore(session.resolve("checkpoints"), new DurableFiles());
    checkpoints.prepare();
    save(7);
    Files.writeString(session.resolve("losses.csv"), "1,20,0.5,0.25\n");
  }

  private void save(long iteration) throws SessionException {
    checkpoints.save(
        new Checkpoint(
            iteration,
            SaehdOptions.defaults(),
            Map.of(),
            Map.of("encoder", List.of(SafetensorsTensor.of("w", new float[] {iteration}, 1)))),
        said::add);
  }

  private Backups backups(DurableFiles files) {
    return new Backups(session, files, () -> now);
  }

  private Backups backups() {
    return backups(new DurableFiles());
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(session.resolve("backups"))) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void isNeverDueWhenItIsOff() throws IOException {
    assertFalse(backups().due(0));
  }

  @Test
  void isDueSoManyHoursAfterTheLastOrTheBeginning() throws IOException {
    assertTrue(backups().due(24), "the session began years ago by that clock");
    backups().make(checkpoints, "", 24, said::add);
    assertFalse(backups().due(1));
    now = now.plusMinutes(59).plusSeconds(59);
    assertFalse(backups().due(1));
    now = now.plusSeconds(1);
    assertTrue(backups().due(1));
    assertFalse(backups().due(2));
    now = now.plusHours(4);
    assertTrue(backups().due(2), "5 hours: the original waits for a sixth");
  }

  @Test
  void aNewSessionWaitsItsFirstHours() throws IOException {
    now = LocalDateTime.now();
    assertFalse(backups().due(1));
  }

  @Test
  void isASessionOfItsOwn() throws IOException {
    save(9);
    backups().make(checkpoints, "before-gan", 24, said::add);
    Path backup = session.resolve("backups/20300517T235958_before-gan");
    assertEquals(List.of("backup of iteration 9: " + backup), said);
    try (Generation copy = SessionFolder.read(backup, m -> LAYOUT, said::add)) {
      assertEquals(9, copy.checkpoint().iteration());
      assertArrayEquals(
          new float[] {9}, copy.checkpoint().files().get("encoder").getFirst().floats());
    }
    assertEquals(List.of(new LossHistory.Entry(1, 20, 0.5f, 0.25f)), LossHistory.read(backup));
  }

  @Test
  void keepsTheNewest() throws IOException {
    for (int i = 0; i < 4; i++) {
      backups().make(checkpoints, "", 2, said::add);
      now = now.plusHours(1);
    }
    assertEquals(List.of("20300518T015958", "20300518T025958"), names());
    backups().make(checkpoints, "", 0, said::add);
    assertEquals(3, names().size());
  }

  @Test
  void somebodysOwnFolderIsLeftAlone() throws IOException {
    Files.createDirectories(session.resolve("backups/my favourite"));
    backups().make(checkpoints, "", 1, said::add);
    assertEquals(List.of("20300517T235958", "my favourite"), names());
  }

  @Test
  void aFullDiskLeavesNothingAndTrainingGoesOn() throws IOException {
    DurableFiles full =
        new DurableFiles() {
          @Override
          void before(String operation, Path path) throws IOException {
            if (operation.equals("write") && path.endsWith("losses.csv")) {
              throw new FileSystemException(path.toString(), null, "No space left on device");
            }
          }
        };
    backups(full).make(checkpoints, "", 24, said::add);
    Path folder = session.resolve("backups");
    assertEquals(
        List.of(
            "no backup of iteration 7, training goes on: the disk of "
                + folder
                + " is full; free some space there and start again"),
        said);
    assertEquals(List.of(), names());
  }

  @Test
  void whatAKillLeftIsRemoved() throws IOException {
    Files.createDirectories(session.resolve("backups/20300517T225958.tmp/checkpoints"));
    backups().make(checkpoints, "", 24, said::add);
    assertEquals(List.of("20300517T235958"), names());
  }
}
