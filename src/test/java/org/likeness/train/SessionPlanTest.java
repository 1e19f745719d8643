package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.device.Device;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.Levers;
import org.likeness.graph.Recompute;
import org.likeness.saehd.SaehdOptions;

/** Memory limits of sessions, on the processor. */
class SessionPlanTest {
  @TempDir Path dir;
  private Path faces;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void faces() {
    faces = AlignedFaces.folder(dir.resolve("faces"), AlignedFaces.GOOD);
  }

  private static Map<String, String> options(String... more) {
    Map<String, String> options = new TreeMap<>(Map.of("archi", "df-ud", "resolution", "64"));
    options.put("ae_dims", "32");
    List.of("e_dims", "d_dims", "d_mask_dims").forEach(dims -> options.put(dims, "16"));
    options.put("batch_size", "4");
    options.put("preview_every", "0");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  private static SessionPlan plan(long limit, String... more) throws SessionException {
    OptionalLong vram = limit == 0 ? OptionalLong.empty() : OptionalLong.of(limit);
    try (Device device = new CpuDevice()) {
      return SessionPlan.choose(
          device, SaehdOptions.of(options(more)), vram, Optional.empty(), line -> {});
    }
  }

  private String train(String session, long limit, String... more) throws IOException {
    printed.reset();
    Trainer.train(
        new Trainer.Request(faces, faces, dir.resolve(session), options(more), "cpu", null)
            .within(limit),
        new PrintStream(printed, true, StandardCharsets.UTF_8),
        false);
    return printed.toString(StandardCharsets.UTF_8);
  }

  private long file(String one, String other, int iteration, String name) throws IOException {
    String path = "checkpoints/" + iteration + "/" + name + ".safetensors";
    return Files.mismatch(dir.resolve(one).resolve(path), dir.resolve(other).resolve(path));
  }

  @Test
  void withoutALimitTheProcessorTakesTheBatchInOnePiece() throws SessionException {
    assertEquals(Levers.DEFAULT, plan(0).levers());
    assertEquals("the batch in one piece", plan(0).words());
  }

  @Test
  void aResumedRunTakesThePlanThatItWasSavedWith() throws IOException {
    long whole = plan(0, "resolution", "160", "recompute", "none").bytes();
    SessionPlan cut = plan(whole - 1, "resolution", "160", "recompute", "none");
    assertTrue(cut.bytes() < whole && cut.levers().cut().parts() > 1, cut.words());
    String first =
        train("unbroken", whole - 1, "resolution", "160", "recompute", "none", "target_iter", "4");
    assertTrue(first.contains(" MB, " + cut.words()), first);
    train("resumed", whole - 1, "resolution", "160", "recompute", "none", "target_iter", "2");
    String second =
        train("resumed", whole - 1, "resolution", "160", "recompute", "none", "target_iter", "4");
    assertFalse(second.contains("anew") || second.contains("not bitwise"), second);
    assertEquals(-1, file("unbroken", "resumed", 4, "encoder"));
  }

  @Test
  void anotherLimitOrBatchPlansAnewAndSaysSo() throws IOException {
    long whole = plan(0, "resolution", "160", "recompute", "none").bytes();
    train("swap", whole - 1, "resolution", "160", "recompute", "none", "target_iter", "1");
    String more =
        train("swap", 2 * whole, "resolution", "160", "recompute", "none", "target_iter", "2");
    assertTrue(
        more.contains(
            "memory is planned anew, because --vram changed: the batch in one piece, before the"
                + " decoder's batch in "),
        more);
    String batch =
        train(
            "swap",
            2 * whole,
            "resolution",
            "160",
            "recompute",
            "none",
            "target_iter",
            "3",
            "batch_size",
            "2");
    assertFalse(batch.contains("planned anew"), batch); // the levers are the same
  }

  @Test
  void recomputationChangesNoBitOfATrainedSession() throws IOException {
    train("kept", 1L << 30, "target_iter", "3", "recompute", "none");
    train("again", 1L << 30, "target_iter", "3", "recompute", "encoder/down1,decoder_src.res0");
    assertEquals(-1, file("kept", "again", 3, "encoder"));
    assertEquals(-1, file("kept", "again", 3, "decoder_src"));
    assertNotEquals(
        plan(0).steps().getFirst().graph(),
        plan(0, "recompute", "encoder/down1").steps().getFirst().graph());
  }

  @Test
  void recomputesWhereNoMicroBatchIsSmallEnough() throws SessionException {
    long least = plan(0, "batch_size", "1").bytes();
    assertThrows(
        SessionException.class, () -> plan(least - 1, "batch_size", "1", "recompute", "none"));
    SessionPlan plan = plan(least - 1, "batch_size", "1");
    assertTrue(plan.bytes() < least);
    assertTrue(plan.levers().recompute() instanceof Recompute.Within, plan.words());
    assertEquals("the batch in one piece, some activations recomputed", plan.words());
  }

  @Test
  void whatDoesNotFitIsRefusedWithTheWaysOutAndWritesNothing() throws IOException {
    long limit = plan(0).bytes() * 85 / 100;
    SessionException e =
        assertThrows(
            SessionException.class,
            () -> train("large", limit, "recompute", "none", "target_iter", "1"));
    assertTrue(
        e.getMessage()
            .matches(
                "the session needs 0.05 GB in micro-batches of 4, where 0.04 GB are allowed; use"
                    + " --\\S+( \\d+)? \\(0.0. GB\\).*"),
        e.getMessage());
    assertFalse(Trainer.exists(dir.resolve("large")));
  }

  @Test
  void refusesALayerThatIsNotThere() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> plan(0, "recompute", "encoder/down9"));
    assertTrue(
        e.getMessage()
            .startsWith("recompute: there is no block encoder/down9; there are decoder_dst/"),
        e.getMessage());
  }
}
