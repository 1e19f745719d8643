package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sessions that change their options by themselves, and the end of pretraining. */
class RecipeTest {
  private static final String FOUR =
      "until=3; until=6, random_warp=false; until=9, lr_dropout=y, adabelief=false;"
          + " until=12, gan_power=0.1, gan_dims=4, true_face_power=0.01";

  @TempDir Path dir;
  private Path faces;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void faces() {
    faces = AlignedFaces.folder(dir.resolve("faces"), AlignedFaces.GOOD);
  }

  private static Map<String, String> options(String... more) {
    Map<String, String> options = new TreeMap<>();
    options.putAll(Map.of("archi", "df-ud", "resolution", "64", "batch_size", "2"));
    options.putAll(Map.of("ae_dims", "32", "e_dims", "16", "d_dims", "16", "d_mask_dims", "16"));
    options.put("preview_every", "0");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  /** Trains until the samples of iteration {@code killedAt} are asked for. */
  private Trainer.Outcome train(String session, Map<String, String> options, long killedAt)
      throws IOException {
    Facesets facesets = Facesets.load(faces, faces, faces);
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    Trainer.Request request =
        new Trainer.Request(faces, faces, faces, dir.resolve(session), options, "cpu", null, 0);
    Trainer.Source source =
        (now, first) -> new Dying(FacesetBatches.open(facesets, now, first), killedAt);
    return new Trainer(request, source, out, false).run();
  }

  /** Samples in whose midst the process dies. */
  private record Dying(Batches living, long killedAt) implements Batches {
    @Override
    public Map<String, MemorySegment> take(long iteration) throws IOException {
      if (iteration == killedAt) {
        throw new KilledFiles.Killed();
      }
      return living.take(iteration);
    }

    @Override
    public void close() {
      living.close();
    }
  }

  private String printed() {
    String text = printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    printed.reset();
    return text;
  }

  private Map<String, String> weights(String session, int iteration) throws IOException {
    Map<String, String> hashes = new TreeMap<>();
    Path folder = dir.resolve(session).resolve("checkpoints/" + iteration);
    try (var files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".safetensors")).toList()) {
        byte[] bytes = Files.readAllBytes(file);
        hashes.put(file.getFileName().toString(), Manifest.hash(MemorySegment.ofArray(bytes)));
      }
    }
    return hashes;
  }

  @Test
  void fourPhasesWithAKillInEachEndWhereOneRunEnds() throws IOException {
    assertEquals(0, train("one", options("phases", FOUR), -1).started());
    String walked = printed();
    assertTrue(walked.contains("phase 1 of 4: until=3\n"), walked);
    assertTrue(walked.contains("the phase ends at iteration 3, saved in "), walked);
    assertTrue(walked.contains("phase 2 of 4: until=6, random_warp=false\n"), walked);
    assertTrue(walked.contains("the optimiser is now RMSprop, so its memory"), walked);
    assertTrue(walked.contains("the GAN's discriminator starts anew"), walked);
    assertTrue(walked.contains("done at iteration 12, saved in "), walked);

    Map<String, String> given = options("phases", FOUR);
    for (int killedAt : List.of(1, 4, 7, 10)) {
      assertThrows(KilledFiles.Killed.class, () -> train("two", given, killedAt));
      given.clear(); // the session knows its recipe
    }
    assertEquals(9, train("two", given, -1).started(), "the last save before the last kill");
    assertEquals(weights("one", 12), weights("two", 12));
    assertTrue(weights("one", 12).containsKey("GAN_opt.safetensors"));
    assertEquals(losses("one"), losses("two"));
    printed();
    train("two", given, -1);
    assertTrue(printed().contains("nothing to do: "), "the recipe has ended");
  }

  private List<String> losses(String session) throws IOException {
    return LossHistory.read(dir.resolve(session)).stream()
        .map(entry -> entry.iteration() + " " + entry.src() + " " + entry.dst())
        .toList();
  }

  /** Spec model.md 1.4 and 6.4. */
  @Test
  void theEndOfPretrainingStartsTheIntersAndTheIterationsAnew() throws IOException {
    train("swap", options("pretrain", "y", "target_iter", "2"), -1);
    Map<String, String> pretrained = weights("swap", 2);
    assertThrows(KilledFiles.Killed.class, () -> train("swap", Map.of("pretrain", "n"), 0));
    String said = printed();
    assertTrue(
        said.contains(
            "pretraining ended after iteration 2: the inters, the iterations and the losses start"
                + " anew\n"),
        said);
    Map<String, String> begun = weights("swap", 0);
    assertEquals(pretrained.get("encoder.safetensors"), begun.get("encoder.safetensors"));
    assertEquals(pretrained.get("src_dst_opt.safetensors"), begun.get("src_dst_opt.safetensors"));
    assertTrue(Files.isDirectory(dir.resolve("swap/checkpoints/2.pretrained")));
    assertTrue(!begun.get("inter.safetensors").equals(pretrained.get("inter.safetensors")), "anew");
    Trainer.Outcome outcome = train("swap", Map.of("target_iter", "3"), -1);
    assertEquals(0, outcome.started());
    assertEquals(3, outcome.session().iteration());
    assertEquals(3, LossHistory.read(dir.resolve("swap")).size());
  }
}
