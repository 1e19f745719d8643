package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.likeness.faceset.FaceCache;

/** Sessions from aligned faces to checkpoints, on the processor. */
class TrainerTest {
  @TempDir Path dir;
  private Path src;
  private Path dst;
  private final ByteArrayOutputStream printed = new ByteArrayOutputStream();

  @BeforeEach
  void faces() {
    src = AlignedFaces.folder(dir.resolve("src"), AlignedFaces.GOOD);
    List<String> some = new ArrayList<>(AlignedFaces.GOOD.subList(0, 3));
    some.add("hostile_pickle.jpg");
    some.add("truncated_half.jpg");
    dst = AlignedFaces.folder(dir.resolve("dst"), some);
  }

  private static Map<String, String> options(String... more) {
    Map<String, String> options = new TreeMap<>();
    options.put("archi", "df-ud");
    options.put("resolution", "64");
    for (String dims : List.of("ae_dims", "e_dims", "d_dims", "d_mask_dims")) {
      options.put(dims, dims.startsWith("ae") ? "32" : "16");
    }
    options.put("batch_size", "2");
    options.put("preview_every", "0");
    for (int i = 0; i < more.length; i += 2) {
      options.put(more[i], more[i + 1]);
    }
    return options;
  }

  private Trainer.Outcome train(String session, String... more) throws IOException {
    Map<String, String> options = options(more);
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    return Trainer.train(
        new Trainer.Request(src, dst, dir.resolve(session), options, "cpu", null), out, false);
  }

  private String printed() {
    return printed.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
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
  void twentyIterationsAreTenAndARestartAndTenWhateverTheThreads() throws IOException {
    train("one", "target_iter", "20", "loader_threads", "1");
    train("two", "target_iter", "10", "loader_threads", "4");
    train("two", "target_iter", "20", "loader_threads", "4");
    assertFalse(printed().contains("no longer bitwise"), printed());
    assertEquals(
        List.of("decoder_dst", "decoder_src", "encoder", "inter", "src_dst_opt"),
        weights("one", 20).keySet().stream().map(f -> f.replace(".safetensors", "")).toList());
    assertEquals(weights("one", 20), weights("two", 20));
    assertEquals(losses("one"), losses("two"));
    assertFalse(weights("one", 20).equals(weights("one", 1)), "it learned nothing");
  }

  private List<String> losses(String session) throws IOException {
    return LossHistory.read(dir.resolve(session)).stream()
        .map(entry -> entry.iteration() + " " + entry.src() + " " + entry.dst())
        .toList();
  }

  /** The masters, the optimiser and in f16 the loss scale are all that a session keeps. */
  @ParameterizedTest
  @CsvSource({"use_fp16,true", "precision,f16"})
  void mixedPrecisionResumesBitwise(String option, String value) throws IOException {
    train("one", "target_iter", "4", option, value);
    train("two", "target_iter", "2", option, value);
    train("two", "target_iter", "4", option, value);
    assertFalse(printed().contains("no longer bitwise"), printed());
    assertFalse(printed().contains("starts anew"), printed());
    assertEquals(weights("one", 4), weights("two", 4));
    assertEquals(losses("one"), losses("two"));
    boolean notice = printed().contains("use_fp16 is taken as precision bf16: weights, optimiser");
    assertEquals(option.equals("use_fp16"), notice, printed());
  }

  /** The slots of the loss scale come and go without a word: the optimiser goes on. */
  @Test
  void precisionMayChangeAtAnyTime() throws IOException {
    train("swap", "target_iter", "1");
    train("swap", "target_iter", "2", "precision", "f16");
    train("swap", "target_iter", "3", "precision", "tf32");
    assertFalse(printed().contains("starts anew"), printed());
    assertTrue(printed().contains("the processor has no TF32, so it computes in f32"), printed());
    assertTrue(
        printed().contains("cpu has no instructions for f16 and is slow in it; f32 is faster"),
        printed());
    assertEquals(3, losses("swap").size());
  }

  @Test
  void badFacesAmongGoodOnesAreCountedAndListed() throws IOException {
    Trainer.Outcome outcome = train("swap", "target_iter", "1");
    assertTrue(
        printed()
            .contains(
                """
                src: 4 faces in %s
                dst: 3 faces in %s, 2 skipped:
                  hostile_pickle.jpg has metadata that cannot be read: their pickle refers to \
                posix.system, which no DeepFaceLab file needs
                  truncated_half.jpg is cut off: it ends before its picture does
                """
                    .formatted(src, dst)),
        printed());
    assertEquals(1, outcome.session().iteration());
    assertEquals(0, outcome.started());
    assertTrue(Files.exists(outcome.preview()));
  }

  @Test
  void facesThatVanishAreToldOnceAndTrainingGoesOnWithTheOthers() throws IOException {
    Map<String, String> options = options("target_iter", "12", "batch_size", "1");
    Facesets facesets = Facesets.load(src, src, null);
    Trainer.Source source =
        (now, first) -> {
          Files.delete(src.resolve(AlignedFaces.GOOD.get(0))); // before a thread has read it
          Files.write(src.resolve(AlignedFaces.GOOD.get(1)), new byte[9]);
          return FacesetBatches.open(facesets, now, first);
        };
    PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
    Trainer.Request request =
        new Trainer.Request(src, src, dir.resolve("swap"), options, "cpu", null);
    assertEquals(12, new Trainer(request, source, out, false).run().session().iteration());
    String others = "; training goes on with the others\n";
    String gone = src.resolve(AlignedFaces.GOOD.get(0)) + " cannot be read: it is gone" + others;
    String broken =
        src.resolve(AlignedFaces.GOOD.get(1)) + " can no longer be used: it is not a JPG" + others;
    for (String sentence : List.of(gone, broken)) { // once for each side
      assertEquals(3, printed().split(Pattern.quote(sentence), -1).length, printed());
    }
  }

  @Test
  void aSecondSessionBeginsWithTheFacesThatTheFirstPrepared() throws IOException {
    train("without", "target_iter", "3");
    Path cached = dir.resolve("prepared");
    for (String session : List.of("cold", "warm")) {
      Trainer.Request request =
          new Trainer.Request(
              src, dst, dir.resolve(session), options("target_iter", "3"), "cpu", null);
      PrintStream out = new PrintStream(printed, true, StandardCharsets.UTF_8);
      Trainer.train(request.caching(FaceCache.Place.in(cached, 1 << 30)), out, false);
      assertEquals(weights("without", 3), weights(session, 3));
    }
    String state = "prepared faces: %d of 4 found in %s, which holds %d MiB of at most 1.0 GiB\n";
    assertTrue(printed().contains(state.formatted(0, cached, 0)), printed());
    assertTrue(printed().contains(state.formatted(4, cached, 1)), printed());
  }

  @Test
  void preparedFacesAreNotPutAmongTheOthers() {
    Path inside = src.resolve("sub").resolve("..").resolve("cache");
    Trainer.Request request =
        new Trainer.Request(src, dst, dir.resolve("swap"), options(), "cpu", null)
            .caching(FaceCache.Place.in(inside, 1 << 30));
    assertEquals(
        "the prepared faces would lie among the faces of %s; choose another --cache".formatted(src),
        assertThrows(SessionException.class, () -> Trainer.train(request, System.out, false))
            .getMessage());
    assertFalse(Files.exists(dir.resolve("swap")));
  }

  @Test
  void aResumedRunSaysWhatItGoesOnFromAndWhatChanged() throws IOException {
    train("swap", "target_iter", "1");
    train("swap", "target_iter", "2", "adabelief", "false");
    Path session = dir.resolve("swap");
    assertTrue(printed().contains("going on with " + session + " from iteration 1\n"), printed());
    assertTrue(
        printed()
            .contains("the optimiser is now RMSprop, so its memory of gradients starts anew (86"),
        printed());
    assertTrue(printed().contains("since the last save this changed: plan; "), printed());
    train("swap", "target_iter", "2", "adabelief", "false");
    assertTrue(
        printed()
            .contains(
                "nothing to do: %s is at iteration 2 already; a higher --target-iter goes on\n"
                    .formatted(session)),
        printed());
  }

  @Test
  void swappedFacesComeWithTheirMasks() throws IOException {
    train("swap", "target_iter", "1");
    List<String> said = new ArrayList<>();
    Path output = dir.resolve("out");
    Prediction.Outcome outcome =
        Prediction.run(new Prediction.Request(dir.resolve("swap"), dst, output, "cpu"), said::add);
    assertEquals(3, outcome.faces());
    assertEquals(2, outcome.skipped().size());
    assertEquals(1, outcome.iteration());
    try (var files = Files.list(output)) {
      assertEquals(
          List.of(
              "ok_protocol2.png",
              "ok_protocol2_mask.png",
              "ok_protocol3.png",
              "ok_protocol3_mask.png",
              "ok_protocol5.png",
              "ok_protocol5_mask.png"),
          files.map(f -> f.getFileName().toString()).sorted().toList());
    }
    assertEquals(64, ImageIO.read(output.resolve("ok_protocol2.png").toFile()).getWidth());
    SessionException refusal =
        assertThrows(
            SessionException.class,
            () ->
                Prediction.run(
                    new Prediction.Request(dir.resolve("swap"), dst, dst, "cpu"), said::add));
    assertEquals(
        "the swapped faces would lie among the faces of %s; choose another --output".formatted(dst),
        refusal.getMessage());
  }
}
