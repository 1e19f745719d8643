package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.device.State;
import org.likeness.device.cpu.CpuDevice;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.TrainingStep;

/** Samples as bytes are the samples as floats, rounded, and the step reads them as such. */
class PackedBatchesTest {
  @TempDir Path dir;

  private static SaehdOptions options(String... more) {
    Map<String, String> text = new HashMap<>(Map.of("archi", "df-ud", "resolution", "64"));
    List.of("ae_dims", "e_dims", "d_dims", "d_mask_dims").forEach(dims -> text.put(dims, "16"));
    text.put("ae_dims", "32");
    text.put("batch_size", "2");
    for (int i = 0; i < more.length; i += 2) {
      text.put(more[i], more[i + 1]);
    }
    return SaehdOptions.of(text);
  }

  private Map<String, byte[]> feeds(SaehdOptions options) throws IOException {
    Path folder = dir.resolve("faces");
    if (!folder.toFile().exists()) {
      AlignedFaces.folder(folder, List.of("ok_protocol3.jpg", "ok_numpy2_names.jpg"));
    }
    Map<String, byte[]> copies = new HashMap<>();
    try (FacesetBatches batches =
        FacesetBatches.open(Facesets.load(folder, folder, null), options, 5)) {
      batches
          .take(5)
          .forEach((name, feed) -> copies.put(name, feed.toArray(ValueLayout.JAVA_BYTE)));
    }
    return copies;
  }

  private static float[] floats(byte[] feed) {
    return MemorySegment.ofArray(feed).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"64", "96"})
  void bytesAreTheFloatsRounded(String resolution) throws IOException {
    Map<String, byte[]> bytes = feeds(options("resolution", resolution, "eyes_mouth_prio", "y"));
    Map<String, byte[]> exact =
        feeds(options("resolution", resolution, "eyes_mouth_prio", "y", "exact_batches", "y"));
    assertEquals(8, bytes.size());
    bytes.forEach((name, feed) -> assertRounded(name, floats(exact.get(name)), feed));
  }

  @Test
  void eyesAndMouthAreTheCodesTakenApart() throws IOException {
    Map<String, byte[]> bytes = feeds(options("dialect", "mve", "mouth_prio", "y"));
    Map<String, byte[]> exact =
        feeds(options("dialect", "mve", "mouth_prio", "y", "exact_batches", "y"));
    float[] codes = floats(exact.get("target_srcm_em"));
    float[] eyes = new float[codes.length];
    float[] mouth = new float[codes.length];
    for (int i = 0; i < codes.length; i++) {
      mouth[i] = Math.clamp(codes[i] - 2, 0f, 1f);
      eyes[i] = Math.clamp(Math.clamp(codes[i] - 1, 0f, 1f) - mouth[i], 0f, 1f);
    }
    assertRounded("eyes", eyes, bytes.get("target_srcm_eyes"));
    assertRounded("mouth", mouth, bytes.get("target_srcm_mouth"));
  }

  private static void assertRounded(String name, float[] exact, byte[] bytes) {
    assertEquals(exact.length, bytes.length, name);
    int largest = 0;
    for (int i = 0; i < exact.length; i++) {
      int expected = (int) (exact[i] * 255f + 0.5f);
      assertEquals(expected, Byte.toUnsignedInt(bytes[i]), name + " at " + i + ": " + exact[i]);
      largest = Math.max(largest, expected);
    }
    assertEquals(255, largest, 100, name + " is not all dark");
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void theStepReadsBytesAsTheirShareOf255(int parts) throws IOException {
    SaehdOptions packed = options("dialect", "mve", "eyes_prio", "y", "mouth_prio", "y");
    Map<String, byte[]> bytes = feeds(packed);
    Map<String, byte[]> values = new LinkedHashMap<>();
    bytes.forEach((name, feed) -> values.put(name, unpacked(feed, 0)));
    for (String side : List.of("src", "dst")) { // the codes that the planes stand for
      byte[] both = unpacked(bytes.get("target_%sm_eyes".formatted(side)), 1);
      float[] mouth = floats(unpacked(bytes.get("target_%sm_mouth".formatted(side)), 0));
      MemorySegment codes = MemorySegment.ofArray(both);
      for (int i = 0; i < mouth.length; i++) {
        if (mouth[i] > 0) {
          codes.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, 2 + mouth[i]);
        }
      }
      values.put("target_%sm_em".formatted(side), both);
    }
    double[] ours = losses(packed, bytes, parts);
    double[] expected = losses(packed.withText(Map.of("exact_batches", "y")), values, 1);
    for (int i = 0; i < ours.length; i++) { // a code of 1 + v has fewer digits than v
      assertEquals(expected[i], ours[i], 2e-6 * expected[i], "loss " + i);
    }
  }

  private static byte[] unpacked(byte[] feed, float shift) {
    byte[] values = new byte[4 * feed.length];
    MemorySegment to = MemorySegment.ofArray(values);
    for (int i = 0; i < feed.length; i++) {
      float value = Byte.toUnsignedInt(feed[i]) / 255f + shift;
      to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * i, value);
    }
    return values;
  }

  private static double[] losses(SaehdOptions options, Map<String, byte[]> feeds, int parts) {
    TrainingStep step = TrainingStep.describe(options.architecture(), options.step());
    Graph graph =
        Levers.DEFAULT.cut(parts).apply(step.fetching(List.of("src_loss", "dst_loss"), false));
    try (Arena arena = Arena.ofConfined();
        Device device = new CpuDevice();
        State state = device.allocate(step.graph().persistent());
        Program program = device.load(ExecutionPlan.of(graph, device.profile(graph)), state)) {
      Weights.initialise(state, step);
      for (Tensor feed : graph.leaves(Role.FEED)) {
        program.write(
            feed.name(), arena.allocateFrom(ValueLayout.JAVA_BYTE, feeds.get(feed.name())));
      }
      program.run();
      float[] losses = new float[4];
      MemorySegment read = arena.allocate(8, 64);
      for (int side = 0; side < 2; side++) {
        program.read(side == 0 ? "src_loss" : "dst_loss", read);
        MemorySegment.copy(read, ValueLayout.JAVA_FLOAT, 0, losses, 2 * side, 2);
      }
      return new double[] {losses[0], losses[1], losses[2], losses[3]};
    }
  }
}
