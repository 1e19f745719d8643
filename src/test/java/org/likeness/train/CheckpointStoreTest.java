package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.format.Safetensors;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;

class CheckpointStoreTest {
  private static final SaehdOptions OPTIONS =
      SaehdOptions.defaults().with(OptionTable.ARCHI, "df-ud").with(OptionTable.LR, 1.0 / 3);
  private static final Map<String, Map<String, long[]>> LAYOUT =
      Map.of(
          "encoder",
          Map.of("down1/weight:0", new long[] {2, 3}, "down1/bias:0", new long[] {3}),
          "src_dst_opt",
          Map.of("iters:0", new long[] {}));

  @TempDir Path session;
  private Path folder;
  private final List<String> said = new ArrayList<>();

  @BeforeEach
  void folder() {
    folder = session.resolve("checkpoints");
  }

  private static Checkpoint checkpoint(long iteration) {
    float n = iteration;
    Map<String, List<SafetensorsTensor>> files = new LinkedHashMap<>();
    files.put(
        "encoder",
        List.of(
            SafetensorsTensor.of("down1/weight:0", new float[] {n, 1, 2, 3, 4, 5}, 2, 3),
            SafetensorsTensor.of("down1/bias:0", new float[] {n, -1, 7}, 3)));
    files.put("src_dst_opt", List.of(SafetensorsTensor.of("iters:0", new long[] {iteration})));
    return new Checkpoint(iteration, OPTIONS, Map.of("device", "cpu"), files);
  }

  private CheckpointStore store(DurableFiles files) throws SessionException {
    CheckpointStore store = new CheckpointStore(folder, files);
    store.prepare();
    return store;
  }

  private void save(long... iterations) throws SessionException {
    CheckpointStore store = store(new DurableFiles());
    for (long iteration : iterations) {
      store.save(checkpoint(iteration), said::add);
    }
  }

  /** Iteration of the newest generation, after checking that it holds what was saved; -1: none. */
  private long newest() throws SessionException {
    Optional<Generation> found = store(new DurableFiles()).openNewest(m -> LAYOUT, said::add);
    if (found.isEmpty()) {
      return -1;
    }
    try (Generation generation = found.get()) {
      Checkpoint loaded = generation.checkpoint();
      Checkpoint saved = checkpoint(loaded.iteration());
      assertEquals(saved.options(), loaded.options());
      assertEquals(saved.facts(), loaded.facts());
      assertEquals(saved.files().keySet(), loaded.files().keySet());
      for (String stem : saved.files().keySet()) {
        List<SafetensorsTensor> expected = saved.files().get(stem);
        List<SafetensorsTensor> actual = loaded.files().get(stem);
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
          assertEquals(expected.get(i).name(), actual.get(i).name());
          assertArrayEquals(expected.get(i).shape(), actual.get(i).shape());
          assertEquals(-1, expected.get(i).data().mismatch(actual.get(i).data()));
        }
      }
      return loaded.iteration();
    }
  }

  @Test
  void keepsTheTwoNewest() throws Exception {
    assertEquals(-1, newest());
    save(1, 20, 300);
    assertEquals(List.of(300L, 20L), store(new DurableFiles()).iterations());
    assertEquals(300, newest());
    assertEquals(List.of(), said);
  }

  @Test
  void aSecondSaveOfTheSameIterationChangesNothing() throws Exception {
    save(5, 5);
    assertEquals(List.of(5L), store(new DurableFiles()).iterations());
  }

  @Test
  void survivesBeingKilledAtAnyMoment() throws Exception {
    int kills = 0;
    boolean killed = true;
    for (int change = 0; killed; change++) {
      folder = session.resolve("kill-" + change);
      long promised = -1;
      killed = false;
      try {
        CheckpointStore store = store(new KilledFiles(change));
        for (long iteration = 1; iteration <= 5; iteration++) {
          store.save(checkpoint(iteration), said::add);
          promised = iteration;
        }
      } catch (KilledFiles.Killed e) {
        killed = true;
        kills++;
      }
      long found = newest();
      assertTrue(found >= promised, "killed at change %d: %d".formatted(change, found));
      store(new DurableFiles()).save(checkpoint(10), said::add);
      assertEquals(10, newest());
      assertEquals(List.of(), said, "a kill damages nothing");
      try (var left = Files.list(folder)) {
        assertEquals(List.of(), left.filter(p -> p.toString().endsWith(".tmp")).toList());
      }
    }
    assertTrue(kills >= 30, "only " + kills + " moments tried");
  }

  @Test
  void everythingIsOnTheDiskBeforeTheNameAppears() throws Exception {
    List<String> changes = new ArrayList<>();
    DurableFiles recording =
        new DurableFiles() {
          @Override
          void before(String operation, Path path) {
            changes.add(operation + " " + folder.relativize(path).toString().replace('\\', '/'));
          }
        };
    save(1, 2);
    new CheckpointStore(folder, recording).save(checkpoint(3), said::add);
    assertEquals(
        List.of(
            "create 3.tmp",
            "write 3.tmp/encoder.safetensors",
            "write 3.tmp/src_dst_opt.safetensors",
            "write 3.tmp/manifest.json",
            "sync 3.tmp",
            "rename 3.tmp",
            "sync ",
            "rename 1",
            "delete 1.tmp"),
        changes);
  }

  @Test
  void fallsBackAloudAndKeepsTheDamagedOne() throws Exception {
    save(120, 140);
    flipLastByte(folder.resolve("140/encoder.safetensors"));
    assertEquals(120, newest());
    assertEquals(
        List.of(
            ("checkpoint %s: tensor encoder/down1/bias:0 is damaged (its SHA-256 is another);"
                    + " falling back to iteration 120 (the faulty one is kept as 140.damaged)")
                .formatted(folder.resolve("140"))),
        said);
    assertTrue(Files.exists(folder.resolve("140.damaged/manifest.json")));
    save(140);
    assertEquals(140, newest());
  }

  @Test
  void refusesWhenNothingIsWhole() throws Exception {
    save(120, 140);
    Files.delete(folder.resolve("140/encoder.safetensors"));
    Files.delete(folder.resolve("120/manifest.json"));
    SessionException refusal = assertThrows(SessionException.class, this::newest);
    assertEquals(
        ("no checkpoint of %s can be used (140: encoder.safetensors is missing; 120: manifest.json"
                + " is missing); restore the folder from a copy, or start anew with another"
                + " --session")
            .formatted(folder),
        refusal.getMessage());
    assertTrue(Files.exists(folder.resolve("140/manifest.json")), "nothing was moved");
  }

  @Test
  void namesWhatIsWrong() throws Exception {
    Path encoder = Path.of("encoder.safetensors");
    assertFault(
        "manifest.json does not match its SHA-256",
        g -> {
          Path file = g.resolve("manifest.json");
          Files.writeString(file, Files.readString(file).replace("df-ud", "df-td"));
        });
    assertFault(
        "manifest.json is not JSON", g -> Files.write(g.resolve("manifest.json"), new byte[3]));
    assertFault(
        "tensor encoder/down1/weight:0 is missing",
        g ->
            rewrite(
                g.resolve(encoder),
                SafetensorsTensor.of("down1/bias:0", new float[] {2, -1, 7}, 3)));
    assertFault(
        "tensor encoder/down1/weight:0 is F32 [3, 2] in its file but F32 [2, 3] was saved",
        g ->
            rewrite(
                g.resolve(encoder),
                SafetensorsTensor.of("down1/weight:0", new float[] {2, 1, 2, 3, 4, 5}, 3, 2),
                SafetensorsTensor.of("down1/bias:0", new float[] {2, -1, 7}, 3)));
    assertFault("it holds iteration 1", g -> replaceTree(g.resolveSibling("1"), g));
  }

  @Test
  void aTruncatedFileIsNamed() throws Exception {
    save(1, 2);
    Path file = folder.resolve("2/encoder.safetensors");
    byte[] bytes = Files.readAllBytes(file);
    for (int size = 0; size < bytes.length; size += 7) {
      said.clear();
      Files.write(file, java.util.Arrays.copyOf(bytes, size));
      new CheckpointStore(folder, new DurableFiles())
          .readNewest(m -> LAYOUT, said::add)
          .orElseThrow()
          .close();
      assertEquals(1, said.size());
      assertTrue(said.get(0).contains("encoder.safetensors"), said.get(0));
    }
    assertTrue(Files.exists(folder.resolve("2")), "a reader moves nothing");
  }

  @Test
  void anotherModelsShapesAreRefused() throws Exception {
    save(7);
    Map<String, Map<String, long[]>> other =
        Map.of("encoder", Map.of("down1/weight:0", new long[] {2, 4}));
    assertEquals(
        "no checkpoint of %s can be used (7: tensor encoder/down1/weight:0 has shape [2, 3] but the model needs [2, 4]); restore the folder from a copy, or start anew with another --session"
            .formatted(folder),
        assertThrows(
                SessionException.class,
                () -> store(new DurableFiles()).openNewest(m -> other, said::add))
            .getMessage());
    Map<String, Map<String, long[]>> more =
        Map.of("inter", Map.of("dense1/bias:0", new long[] {4}));
    assertTrue(
        assertThrows(
                SessionException.class,
                () -> store(new DurableFiles()).openNewest(m -> more, said::add))
            .getMessage()
            .contains("(7: tensor inter/dense1/bias:0 is missing)"));
  }

  @Test
  void aFullDiskLeavesWhatWasSaved() throws Exception {
    save(120);
    for (String full : List.of("encoder", "src_dst_opt", "manifest")) {
      SessionException refusal = assertSaveFails(full, "No space left on device");
      assertEquals(
          ("cannot save iteration 140 (iteration 120 is still saved): the disk of %s is full; free"
                  + " some space there and start again")
              .formatted(folder),
          refusal.getMessage());
      assertFalse(Files.exists(folder.resolve("140.tmp")));
      assertEquals(120, newest());
    }
  }

  @Test
  void aReadOnlyFolderIsSaid() throws Exception {
    DurableFiles readOnly =
        new DurableFiles() {
          @Override
          void before(String operation, Path path) throws IOException {
            throw new AccessDeniedException(path.toString());
          }
        };
    assertEquals(
        "cannot open the session: %s may not be written to; choose a folder that you may write to"
            .formatted(folder),
        assertThrows(SessionException.class, () -> store(readOnly)).getMessage());
  }

  @Test
  void aFileInPlaceOfTheFolderIsSaid() throws Exception {
    Files.write(folder, new byte[1]);
    assertEquals(
        "cannot open the session: %s is a file, not a folder; choose another name"
            .formatted(folder),
        assertThrows(SessionException.class, () -> store(new DurableFiles())).getMessage());
  }

  @Test
  void whatCannotBeDeletedIsSaidAndDeletedLater() throws Exception {
    save(1, 2);
    DurableFiles held =
        new DurableFiles() {
          @Override
          void before(String operation, Path path) throws IOException {
            if (operation.equals("delete")) {
              throw new FileSystemException(path.toString(), null, "in use");
            }
          }
        };
    new CheckpointStore(folder, held).save(checkpoint(3), said::add);
    assertEquals(1, said.size());
    assertTrue(said.get(0).startsWith("an old checkpoint of " + folder), said.get(0));
    assertEquals(3, newest());
    assertFalse(Files.exists(folder.resolve("1.tmp")));
  }

  private interface Damage {
    void to(Path generation) throws IOException;
  }

  private void assertFault(String fault, Damage damage) throws Exception {
    folder = session.resolve("fault-" + Math.abs(fault.hashCode()));
    said.clear();
    save(1, 2);
    damage.to(folder.resolve("2"));
    assertEquals(1, newest());
    assertEquals(
        List.of(
            "checkpoint %s: %s; falling back to iteration 1 (the faulty one is kept as 2.damaged)"
                .formatted(folder.resolve("2"), fault)),
        said);
  }

  private SessionException assertSaveFails(String file, String reason) throws Exception {
    DurableFiles failing =
        new DurableFiles() {
          @Override
          void before(String operation, Path path) throws IOException {
            if (operation.equals("write") && path.getFileName().toString().startsWith(file)) {
              throw new FileSystemException(path.toString(), null, reason);
            }
          }
        };
    CheckpointStore store = new CheckpointStore(folder, failing);
    return assertThrows(SessionException.class, () -> store.save(checkpoint(140), said::add));
  }

  private static void flipLastByte(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 1] ^= 1;
    Files.write(file, bytes);
  }

  private static void rewrite(Path file, SafetensorsTensor... tensors) throws IOException {
    Safetensors.write(file, Map.of(), List.of(tensors));
  }

  private static void replaceTree(Path from, Path to) throws IOException {
    try (var files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.write(to.resolve(file.getFileName()), Files.readAllBytes(file));
      }
    }
  }
}
