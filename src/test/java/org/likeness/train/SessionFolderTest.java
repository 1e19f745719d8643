package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.SaehdOptions;

class SessionFolderTest {
  private static final SaehdOptions OPTIONS =
      SaehdOptions.of(Map.of("archi", "df-ud", "resolution", "96"));

  @TempDir Path dir;

  private SessionFolder open() throws SessionException {
    return SessionFolder.open(dir.resolve("swap"), new DurableFiles());
  }

  @Test
  void anotherModelIsRefused() throws Exception {
    try (SessionFolder session = open()) {
      assertEquals(
          "session %s was started with archi df-ud, not liae-ud; leave --archi out or choose another --session"
              .formatted(session.path()),
          assertThrows(
                  SessionException.class,
                  () -> session.goOnWith(OPTIONS, Map.of("archi", "liae-ud")))
              .getMessage());
    }
  }

  @Test
  void whatMayChangeChanges() throws Exception {
    try (SessionFolder session = open()) {
      SaehdOptions options = session.goOnWith(OPTIONS, Map.of("batch_size", "9", "archi", "df-ud"));
      assertEquals(9, options.batchSize());
      assertEquals(96, options.resolution());
    }
  }

  @Test
  void aSecondTrainerIsKeptOut() throws Exception {
    try (SessionFolder session = open()) {
      SessionException refusal = assertThrows(SessionException.class, this::open);
      assertTrue(refusal.getMessage().contains("is in use by process"), refusal.getMessage());
    }
    open().close();
  }

  @Test
  void reportsWhatItHolds() throws Exception {
    Path path = dir.resolve("swap");
    try (SessionFolder session = open()) {
      assertEquals(
          "session %s has no checkpoint yet; wait for its first save".formatted(path),
          assertThrows(SessionException.class, () -> SessionReport.of(path, s -> {})).getMessage());
      session
          .checkpoints()
          .save(
              new Checkpoint(
                  2,
                  OPTIONS,
                  Map.of("device", "cpu"),
                  Map.of("encoder", List.of(SafetensorsTensor.of("b", new float[] {1, 2}, 2)))),
              s -> {});
      try (LossHistory losses = LossHistory.open(path, 0)) {
        losses.append(new LossHistory.Entry(1, 100, 4, 8));
        losses.append(new LossHistory.Entry(2, 200, 2, 4));
      }
      List<String> said = new ArrayList<>();
      SessionReport report = SessionReport.of(path, said::add); // while it is being trained
      assertEquals(2, report.iteration());
      assertEquals(OPTIONS, report.options());
      assertEquals(Map.of("encoder", new SessionReport.FileReport(1, 8)), report.files());
      assertEquals(new SessionReport.Recent(2, 150, 3, 6, 0), report.recent());
      assertEquals(List.of(), said);
    }
  }

  @Test
  void previewsAreKeptByIterationAndTheNewestApart() throws Exception {
    try (SessionFolder session = open()) {
      session.savePreview(new BufferedImage(3, 3, BufferedImage.TYPE_INT_RGB), 12);
      assertTrue(Files.exists(session.preview()));
      assertTrue(Files.exists(session.path().resolve("previews/0000012.png")));
    }
  }
}
