package org.likeness.format;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickleTest {
  private static final Map<String, byte[]> BY_PYTHON = new HashMap<>();

  static {
    // lines "name:protocol:hex", written by Python 3.11 with NumPy 1.26
    try (var in = PickleTest.class.getResourceAsStream("/pickle/numpy-1.26.txt")) {
      new String(in.readAllBytes(), StandardCharsets.US_ASCII)
          .lines()
          .map(line -> line.split(":"))
          .forEach(part -> BY_PYTHON.put(part[0] + part[1], HexFormat.of().parseHex(part[2])));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void readsWhatPythonWrites(int protocol) throws FormatException {
    Map<?, ?> map = (Map<?, ?>) byPython("dict", protocol);
    assertEquals(
        List.of("face_type", "landmarks", "n", "t", "b", "big", "neg", "e", "bytes", "u"),
        List.copyOf(map.keySet()));
    assertEquals("full_face", map.get("face_type"));
    assertEquals(List.of(List.of(1.0, 2.0), List.of(3.5, -4.0)), map.get("landmarks"));
    assertEquals(null, map.get("n"));
    assertEquals(List.of(1L, 2L, 3L), map.get("t"));
    assertEquals(true, map.get("b"));
    assertEquals(1L << 40, map.get("big"));
    assertEquals(-5L, map.get("neg"));
    assertEquals(List.of(), map.get("e"));
    assertArrayEquals(
        new byte[] {0, -1}, ((MemorySegment) map.get("bytes")).toArray(ValueLayout.JAVA_BYTE));
    assertEquals("é中", map.get("u"));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void readsArraysOfEveryOrder(int protocol) throws FormatException {
    assertArray("f8", new long[] {3, 2}, byPython("f8", protocol), 1.5, 2, 3, 4, 5, 6);
    assertArray("i4", new long[] {2, 3}, byPython("fortran", protocol), 0, 1, 2, 3, 4, 5);
    assertArray("i2", new long[] {3}, byPython("big", protocol), 1, 256, -2);
    assertArray("u1", new long[] {2, 1}, byPython("u1", protocol), 7, 255);
    assertEquals(List.of(2.5, -3L, true, 0.5, 200L), byPython("scalars", protocol));
  }

  @Test
  void readsBackWhatItWrote() throws FormatException {
    Map<?, ?> map =
        (Map<?, ?>)
            Pickle.read(
                Pickle.write(
                    Map.of(
                        "list", Arrays.asList(1, -7L, 1L << 33, 0.25f, null, false, "ß"),
                        "mask", NdArray.of(new byte[] {1, 2, -3}),
                        "f8", NdArray.of(new double[] {1, 2, 3, 4}, 2, 2),
                        "f4", NdArray.of(new float[] {0.5f}, 1))));
    assertEquals(Arrays.asList(1L, -7L, 1L << 33, 0.25, null, false, "ß"), map.get("list"));
    assertArray("u1", new long[] {3}, map.get("mask"), 1, 2, 253);
    assertArray("f8", new long[] {2, 2}, map.get("f8"), 1, 2, 3, 4);
    assertArray("f4", new long[] {1}, map.get("f4"), 0.5);
  }

  @Test
  void writesNamesThatNumPyOneKnows() {
    String text = new String(Pickle.write(NdArray.of(new byte[1])), StandardCharsets.ISO_8859_1);
    assertTrue(text.contains("numpy.core.multiarray"), text);
  }

  @Test
  void namesTheGlobalThatItRefuses() {
    assertRefused("refers to os.system, which no DeepFaceLab file needs", "cos\nsystem\n(.");
    assertRefused(
        "refers to builtins.eval, which no DeepFaceLab file needs",
        "\u0080\u0004\u008c\u0008builtins\u008c\u0004eval\u0093.");
    assertRefused(
        "refers to numpy.core.multiarray.fromstring, which no DeepFaceLab file needs",
        "cnumpy.core.multiarray\nfromstring\n.");
    assertRefused(
        "refers to numpy.ndarray.__reduce__, which no DeepFaceLab file needs",
        "cnumpy\nndarray.__reduce__\n.");
  }

  @Test
  void takesNoAttributeButAnEnumerationsMember() throws FormatException {
    String member = "cbuiltins\ngetattr\ncfacelib.FaceType\nFaceType\n\u008c";
    assertEquals(4L, Pickle.read(latin(member + "\nWHOLE_FACE\u0086R.")));
    assertRefused("refers to an unknown member mro", member + "\u0003mro\u0086R.");
    assertRefused(
        "takes an attribute of something else than an enumeration",
        "cbuiltins\ngetattr\ncnumpy\nndarray\n\u008c\u0003mro\u0086R.");
  }

  @Test
  void refusesLengthsBeyondTheEnd() {
    assertRefused("ends early", "");
    assertRefused("ends early", "]");
    assertRefused("claims 5 bytes where 1 are left", "\u008c\u0005a");
    assertRefused("claims 4294967295 bytes where 0 are left", "X\u00ff\u00ff\u00ff\u00ff");
    assertRefused(
        "claims 18446744073709551615 bytes where 0 are left", "\u008d" + "\u00ff".repeat(8));
    assertRefused("claims 2147483647 bytes where 1 are left", "\u008b\u00ff\u00ff\u00ff\u007f.");
    assertRefused(
        "claims 18446744073709551615 bytes where 1 are left", "\u008b\u00ff\u00ff\u00ff\u00ff.");
    assertRefused("claims 72057594037927936 bytes where 1 are left", "\u0095\0\0\0\0\0\0\0\u0001.");
  }

  @Test
  void refusesBrokenPrograms() {
    assertRefused("uses the opcode 0x30, which no DeepFaceLab file needs", "N0.");
    assertRefused("has protocol 9, newer than the 5 that exist", "\u0080\u0009N.");
    assertRefused("takes a value from an empty stack", ".");
    assertRefused("takes a value from an empty stack", "N(a.");
    assertRefused("closes what it never opened", "e.");
    assertRefused("ends with values left over", "NN.");
    assertRefused("appends to what is not a list", ")Na.");
    assertRefused("sets entries of what is not a dictionary", "]NNs.");
    assertRefused("has a dictionary key that is neither text nor number", "}])s.");
    assertRefused("recalls value 7, which it never stored", "h\u0007.");
    assertRefused("calls what is not a function", "N)R.");
    assertRefused("builds what is not an array", "N)b.");
    assertRefused("holds an unfinished array", "cnumpy\nndarray\n.");
    assertRefused("is nested deeper than 100", "(".repeat(101) + ".");
    assertRefused("piles up more than 1000000 values", "N".repeat(1_000_001) + ".");
    assertRefused("holds an integer of more than 64 bits", "\u008a\u0009" + "\u0001".repeat(9));
    assertRefused(
        "has an array of type O8, which is not a plain number",
        "cnumpy\ndtype\n\u008c\u0002O8\u0085R.");
  }

  @Test
  void readsLongIntegersThatFit() throws FormatException {
    assertEquals(0L, Pickle.read(latin("\u008a\0.")));
    assertEquals(-1L, Pickle.read(latin("\u008a\u0001\u00ff.")));
    assertEquals(255L, Pickle.read(latin("\u008a\u0002\u00ff\0.")));
    assertEquals(
        Long.MAX_VALUE, Pickle.read(latin("\u008a\u0009" + "\u00ff".repeat(7) + "\u007f\0.")));
    assertEquals(Long.MIN_VALUE, Pickle.read(latin("\u008a\u0008" + "\0".repeat(7) + "\u0080.")));
    assertRefused(
        "holds an integer of more than 64 bits", "\u008a\u0009" + "\u00ff".repeat(8) + "\0.");
  }

  @Test
  void refusesSharedListsThatExpandExponentially() {
    // each level is a list of the level before, twice
    String level = "](h\u0000h\u0000eq\u0000";
    assertRefused(
        "expands to far more values than it has bytes", "(]q\u0000" + level.repeat(60) + "t.");
    assertRefused("expands to far more values than it has bytes", "]q\u0000h\u0000a.");
  }

  @Test
  void refusesBytesThatMultiply() {
    String text = "x".repeat(5000);
    String encode =
        "c_codecs\nencode\nq\u0001Xq\u0002".replace("Xq", "X\u0088\u0013\0\0" + text + "q");
    String again = "h\u0001h\u0002\u008c\u0006latin1\u0086R";
    assertRefused("expands to far more bytes than it has", encode + again.repeat(50) + ".");
    assertRefused(
        "encodes text as something else than latin1",
        "c_codecs\nencode\n\u008c\u0001x\u008c\u0005utf-7\u0086R.");
  }

  @Test
  void refusesAShapeThatIsNotTheData() {
    byte[] good = BY_PYTHON.get("f83");
    byte[] bad = good.clone();
    int at = new String(good, StandardCharsets.ISO_8859_1).indexOf("K\u0003K\u0002");
    bad[at + 1] = 4;
    String message = assertThrows(FormatException.class, () -> Pickle.read(bad)).getMessage();
    assertEquals("has an array whose shape does not fit its data", message);
  }

  @Test
  void writesNothingItDoesNotKnow() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Pickle.write(List.of(new Object())))
            .getMessage();
    assertEquals("no pickle for a java.lang.Object", message);
    Object deep = 1;
    for (int i = 0; i < 101; i++) {
      deep = Collections.singletonList(deep);
    }
    Object tooDeep = deep;
    assertEquals(
        "a value nested deeper than 100",
        assertThrows(IllegalArgumentException.class, () -> Pickle.write(tooDeep)).getMessage());
  }

  private static Object byPython(String name, int protocol) throws FormatException {
    return Pickle.read(BY_PYTHON.get(name + protocol));
  }

  private static void assertArray(String type, long[] shape, Object value, double... elements) {
    NdArray array = (NdArray) value;
    assertEquals(type, array.type());
    assertArrayEquals(shape, array.shape());
    assertArrayEquals(elements, array.doubles());
  }

  /** Characters are bytes. */
  private static byte[] latin(String program) {
    return program.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void assertRefused(String message, String program) {
    assertEquals(
        message,
        assertThrows(FormatException.class, () -> Pickle.read(latin(program))).getMessage());
  }

  @Test
  void writesTuplesAsPythonDoes() throws FormatException {
    byte[] pickle = Pickle.write(new PickledTuple(List.of(1, "a")));
    byte[] expected = {(byte) 0x80, 4, '(', 'J', 1, 0, 0, 0, 'X', 1, 0, 0, 0, 'a', 't', '.'};
    assertArrayEquals(expected, pickle);
    assertEquals(List.of(1L, "a"), Pickle.read(pickle));
  }
}
