package org.likeness.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir Path folder;

  @Test
  void readsBackWhatItWroteInHeaderOrder() throws IOException {
    Path path = folder.resolve("a.safetensors");
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("z \"quoted\"", "line\nbreak \\ ü 😀");
    metadata.put("a", "");
    Safetensors.write(
        path,
        metadata,
        List.of(
            new SafetensorsTensor(
                "odd", Dtype.U8, new long[] {3}, MemorySegment.ofArray(new byte[] {1, -1, 3})),
            SafetensorsTensor.of("f", new float[] {1.5f, -2, Float.NaN}, 3, 1),
            SafetensorsTensor.of("d", new double[] {Math.PI}),
            SafetensorsTensor.of("none", new float[0], 0, 7),
            SafetensorsTensor.of("l", new long[] {Long.MIN_VALUE, 7}, 2)));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(metadata, file.metadata());
      assertEquals(List.of("odd", "f", "d", "none", "l"), List.copyOf(file.tensors().keySet()));
      assertArrayEquals(new long[] {1, 255, 3}, file.tensor("odd").longs());
      assertArrayEquals(new float[] {1.5f, -2, Float.NaN}, file.tensor("f").floats());
      assertArrayEquals(new long[] {3, 1}, file.tensor("f").shape());
      assertArrayEquals(new double[] {Math.PI}, file.tensor("d").doubles());
      assertEquals(0, file.tensor("none").size());
      assertArrayEquals(new long[] {Long.MIN_VALUE, 7}, file.tensor("l").longs());
      assertEquals(0, (file.tensor("d").data().address() - file.tensor("l").data().address()) % 8);
      assertEquals(0, file.tensor("f").data().address() % 8);
      String message =
          assertThrows(FormatException.class, () -> file.tensor("missing")).getMessage();
      assertEquals(
          path
              + " is not a valid safetensors file: it has no tensor 'missing'; restore it from a"
              + " backup.",
          message);
    }
    Files.delete(path); // fails on Windows while mapped
  }

  @Test
  void convertsHalfPrecision() throws IOException {
    short[] halves = {Float.floatToFloat16(0.5f), Float.floatToFloat16(-65504)};
    short[] brains = {(short) (Float.floatToIntBits(3.5f) >>> 16), (short) 0xff80};
    SafetensorsTensor f16 =
        new SafetensorsTensor("h", Dtype.F16, new long[] {2}, MemorySegment.ofArray(halves));
    SafetensorsTensor bf16 =
        new SafetensorsTensor("b", Dtype.BF16, new long[] {2}, MemorySegment.ofArray(brains));
    assertArrayEquals(new float[] {0.5f, -65504}, f16.floats());
    assertArrayEquals(new float[] {3.5f, Float.NEGATIVE_INFINITY}, bf16.floats());
    assertThrows(IllegalArgumentException.class, f16::longs);
  }

  @Test
  void writesMoreThanOneChunk() throws IOException {
    float[] values = new float[700_000];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Path path = folder.resolve("big.safetensors");
    Safetensors.write(path, Map.of(), List.of(SafetensorsTensor.of("v", values, values.length)));
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertArrayEquals(values, file.tensor("v").floats());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{\"| its header has an early end at character 2",
        "[]| its header is not a JSON object",
        "{} x| its header has text after the value at character 3",
        "{\"a\":1,\"a\":2}| its header has a second entry named 'a' at character 12",
        "{\"__metadata__\":{\"k\":1}}| its __metadata__ 'k' is not a string",
        "{\"a\":{}}| its tensor 'a' is not described by dtype, shape and data_offsets",
        "{\"a\":{\"dtype\":\"F8\",\"shape\":[1],\"data_offsets\":[0,1]}}|"
            + " its tensor 'a' has dtype F8, which is not supported",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}}|"
            + " its tensor 'a' has -1 in its shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}}|"
            + " its tensor 'a' has 1.0 in its shape",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[9223372036854775807,4],\"data_offsets\":[0,4]}}|"
            + " its tensor 'a' has a shape beyond 2^63 bytes",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}}|"
            + " its header has an integer beyond 64 bits at character 49",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,12]}}|"
            + " its tensor 'a' claims bytes 0 to 12 of the 8 bytes of data",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[4,0]}}|"
            + " its tensor 'a' claims bytes 4 to 0 of the 8 bytes of data",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}}|"
            + " its tensor 'a' needs 8 bytes by its shape but has 4",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}|"
            + " it has 4 bytes after its last tensor",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|"
            + " its tensor 'a' begins 4 bytes after the one before it",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}|"
            + " its tensor 'b' overlaps another tensor",
      })
  void refusesABadHeader(String header, String fault) throws IOException {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    assertRefused(frame(text.length, text, 8), fault);
  }

  @Test
  void refusesLengthsBeyondTheFile() throws IOException {
    byte[] none = {};
    assertRefused(new byte[3], "it has only 3 bytes");
    assertRefused(frame(3, none, 0), "its header claims 3 bytes of a file of 8");
    assertRefused(frame(-1, none, 8), "its header claims -1 bytes of a file of 16");
    assertRefused(
        frame(Long.MAX_VALUE, none, 8),
        "its header claims 9223372036854775807 bytes of a file of 16");
    assertRefused(frame(2, new byte[] {(byte) 0xc0, 0}, 0), "its header is not UTF-8 text");
  }

  @Test
  void refusesDeepNesting() throws IOException {
    byte[] text = "[".repeat(100_000).getBytes(StandardCharsets.UTF_8);
    assertRefused(
        frame(text.length, text, 0), "its header has nesting deeper than 32 at character 33");
  }

  @Test
  void refusesToWriteTwoTensorsOfOneName() {
    List<SafetensorsTensor> twice =
        List.of(
            SafetensorsTensor.of("a", new float[1], 1), SafetensorsTensor.of("a", new float[1], 1));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Safetensors.write(folder.resolve("x"), Map.of(), twice))
            .getMessage();
    assertEquals("two tensors are named 'a'", message);
  }

  @Test
  void refusesAShapeThatIsNotItsData() {
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> SafetensorsTensor.of("a", new float[3], 2, 2))
            .getMessage();
    assertEquals("tensor 'a' F32 [2, 2] does not fit its 12 bytes of data", message);
  }

  private static byte[] frame(long headerSize, byte[] header, int dataBytes) {
    return ByteBuffer.allocate(8 + header.length + dataBytes)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(headerSize)
        .put(header)
        .array();
  }

  private void assertRefused(byte[] file, String fault) throws IOException {
    Path path = Files.write(folder.resolve("bad.safetensors"), file);
    String message =
        assertThrows(FormatException.class, () -> SafetensorsFile.open(path)).getMessage();
    assertEquals(
        path + " is not a valid safetensors file: " + fault + "; restore it from a backup.",
        message);
    assertTrue(Files.deleteIfExists(path), "still mapped");
  }
}
