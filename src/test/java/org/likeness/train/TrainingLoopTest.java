package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SessionOptions;

class TrainingLoopTest {
  private static final long MINUTE = 60_000_000_000L;
  private static final SaehdOptions OPTIONS =
      SaehdOptions.defaults()
          .with(SessionOptions.SAVE_MINUTES, 10)
          .with(SessionOptions.PREVIEW_EVERY, 4);

  @TempDir Path dir;
  private long now;

  /** One weight that depends on every iteration and on their order; a step takes a minute. */
  private final class OneWeight implements Learner {
    private float weight = 1;
    private final List<Long> drawn = new ArrayList<>();
    private long brokenAt = -1;
    private Runnable duringStep = () -> {};

    @Override
    public Losses step(long iteration) {
      now += MINUTE;
      weight = weight * 1.01f + iteration;
      duringStep.run();
      return new Losses(iteration == brokenAt ? Float.NaN : 1f / (iteration + 1), 2);
    }

    @Override
    public Map<String, List<SafetensorsTensor>> weights(Arena arena) {
      return Map.of("encoder", List.of(SafetensorsTensor.of("w", new float[] {weight}, 1)));
    }

    @Override
    public Map<String, String> facts() {
      return Map.of();
    }

    @Override
    public BufferedImage preview(long iteration, List<LossHistory.Entry> losses) {
      drawn.add(iteration);
      return new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
    }

    @Override
    public void close() {}
  }

  private SessionFolder open(String name, DurableFiles files) throws SessionException {
    return SessionFolder.open(dir.resolve(name), files);
  }

  private Progress silent() {
    return new Progress(
        new PrintStream(new ByteArrayOutputStream()), false, 0, () -> LocalTime.MIDNIGHT);
  }

  private TrainingLoop loop(
      SessionFolder session, Learner learner, LossHistory losses, int target) {
    SaehdOptions options = OPTIONS.with(OptionTable.TARGET_ITER, target);
    return new TrainingLoop(session, options, learner, losses, silent(), () -> now);
  }

  /** Resumes a session if it has a checkpoint, trains to the target, and returns the weight. */
  private float train(String name, int target) throws Exception {
    OneWeight learner = new OneWeight();
    try (SessionFolder session = open(name, new DurableFiles())) {
      long start = 0;
      var newest = session.checkpoints().openNewest(m -> Map.of(), s -> {});
      if (newest.isPresent()) {
        try (Generation generation = newest.get()) {
          start = generation.checkpoint().iteration();
          learner.weight = generation.checkpoint().files().get("encoder").get(0).floats()[0];
        }
      }
      try (LossHistory losses = LossHistory.open(session.path(), start)) {
        assertEquals(target, loop(session, learner, losses, target).run(start));
      }
    }
    return learner.weight;
  }

  @Test
  void resumingEndsWhereOneRunEnds() throws Exception {
    float inOne = train("one", 20);
    train("two", 10);
    assertEquals(inOne, train("two", 20));
    List<Float> src =
        LossHistory.read(dir.resolve("two")).stream().map(LossHistory.Entry::src).toList();
    assertEquals(
        LossHistory.read(dir.resolve("one")).stream().map(LossHistory.Entry::src).toList(), src);
    assertEquals(20, src.size());
  }

  @Test
  void savesAfterTheFirstIterationThenEveryTenMinutesAndAtTheEnd() throws Exception {
    List<String> renamed = new ArrayList<>();
    DurableFiles recording =
        new DurableFiles() {
          @Override
          void before(String operation, Path path) {
            String name = path.getFileName().toString();
            if (operation.equals("rename") && name.endsWith(".tmp")) {
              renamed.add(name.replace(".tmp", ""));
            }
          }
        };
    OneWeight learner = new OneWeight();
    try (SessionFolder session = open("swap", recording);
        LossHistory losses = LossHistory.open(session.path(), 0)) {
      loop(session, learner, losses, 25).run(0);
    }
    assertEquals(List.of("1", "11", "21", "25"), renamed);
    assertEquals(List.of(1L, 4L, 8L, 12L, 16L, 20L, 24L, 25L), learner.drawn);
  }

  @Test
  void aSaveIsBackedUpWhenTheHoursArePast() throws Exception {
    SaehdOptions hourly =
        OPTIONS.with(SessionOptions.AUTOBACKUP_HOUR, 1).with(OptionTable.TARGET_ITER, 1);
    OneWeight learner = new OneWeight();
    try (SessionFolder session = open("swap", new DurableFiles());
        LossHistory losses = LossHistory.open(session.path(), 0)) {
      Path old = session.path().resolve(Backups.FOLDER).resolve("20200101T000000");
      Files.createDirectories(old);
      new TrainingLoop(session, hourly, learner, losses, silent(), () -> now).run(0);
      try (Stream<Path> backups = Files.list(old.getParent())) {
        Path made = backups.filter(path -> !path.equals(old)).findFirst().orElseThrow();
        assertEquals(1, SessionReport.of(made, s -> {}).iteration());
      }
    }
  }

  @Test
  void stoppingSavesTheIterationAtWork() throws Exception {
    OneWeight learner = new OneWeight();
    try (SessionFolder session = open("swap", new DurableFiles());
        LossHistory losses = LossHistory.open(session.path(), 0)) {
      TrainingLoop loop = loop(session, learner, losses, 0);
      learner.duringStep =
          () -> {
            if (now == 7 * MINUTE) {
              loop.stop();
            }
          };
      assertEquals(7, loop.run(0));
    }
    assertEquals(7, SessionReport.of(dir.resolve("swap"), s -> {}).iteration());
  }

  @Test
  void aLossThatIsNotANumberEndsWithoutASave() throws Exception {
    OneWeight learner = new OneWeight();
    learner.brokenAt = 14;
    try (SessionFolder session = open("swap", new DurableFiles());
        LossHistory losses = LossHistory.open(session.path(), 0)) {
      SessionException end =
          assertThrows(SessionException.class, () -> loop(session, learner, losses, 25).run(0));
      assertEquals(
          "iteration 15: the loss is not a number, so training ended without saving; start again to"
              + " go on from iteration 11, with a lower --lr",
          end.getMessage());
    }
    assertEquals(11, SessionReport.of(dir.resolve("swap"), s -> {}).iteration());
  }

  @Test
  void aFullDiskEndsTrainingAndTheSessionGoesOnLater() throws Exception {
    DurableFiles filling =
        new DurableFiles() {
          @Override
          void before(String operation, Path path) throws IOException {
            if (operation.equals("write") && path.getParent().endsWith("11.tmp")) {
              throw new FileSystemException(path.toString(), null, "No space left on device");
            }
          }
        };
    try (SessionFolder session = open("swap", filling);
        LossHistory losses = LossHistory.open(session.path(), 0)) {
      SessionException end =
          assertThrows(
              SessionException.class, () -> loop(session, new OneWeight(), losses, 25).run(0));
      assertTrue(
          end.getMessage().startsWith("cannot save iteration 11 (iteration 1 is still saved): "),
          end.getMessage());
    }
    assertEquals(train("other", 25), train("swap", 25));
  }

  @Test
  void aTargetAlreadyReachedChangesNothing() throws Exception {
    float weight = train("swap", 5);
    assertEquals(weight, train("swap", 5));
  }
}
