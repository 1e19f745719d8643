package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.likeness.testing.SoftCudaCalls.pointer;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** softcudnn's cuBLASLt, called as C does: column-major matrices unless said otherwise. */
@OnSoftCudnn
final class SoftCublasLtTest {
  private static final MemorySegment NULL = MemorySegment.NULL;
  private static final int F32 = 0;
  private static final int COMPUTE_32F = 68;
  private static final int COMPUTE_TF32 = 77;
  private static final int INVALID_VALUE = 7;
  private static final int NOT_SUPPORTED = 15;
  private static final int RESULT_BYTES = 96;

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;
  private SoftCudaCalls cuda;
  private MemorySegment handle;

  SoftCublasLtTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  @BeforeEach
  void open() {
    cuda = SoftCudaCalls.on(softCuda);
    softCudnn.reset();
    handle = create("cublasLtCreate");
  }

  @AfterEach
  void close() {
    cuda.close();
  }

  private void ok(String function, Object... arguments) {
    assertEquals(0, softCudnn.status(function, arguments), softCudnn::lastCublasLtRefusal);
  }

  private void refused(int status, String sentence, String function, Object... arguments) {
    assertEquals(status, softCudnn.status(function, arguments), softCudnn::lastCublasLtRefusal);
    String said = softCudnn.lastCublasLtRefusal();
    assertTrue(said.startsWith(function + ": " + sentence), said);
  }

  private MemorySegment create(String function, Object... rest) {
    MemorySegment place = cuda.arena.allocate(8);
    List<Object> arguments = new ArrayList<>(List.of(place));
    arguments.addAll(List.of(rest));
    ok(function, arguments.toArray());
    return pointer(place.get(ValueLayout.JAVA_LONG, 0));
  }

  private MemorySegment layout(long rows, long columns) {
    return create("cublasLtMatrixLayoutCreate", F32, rows, columns, rows);
  }

  private MemorySegment ints(int... values) {
    return cuda.arena.allocateFrom(ValueLayout.JAVA_INT, values);
  }

  private MemorySegment longs(long... values) {
    return cuda.arena.allocateFrom(ValueLayout.JAVA_LONG, values);
  }

  private MemorySegment preference(long workspace) {
    MemorySegment preference = create("cublasLtMatmulPreferenceCreate");
    ok("cublasLtMatmulPreferenceSetAttribute", preference, 1, longs(workspace), 8L);
    return preference;
  }

  private long upload(float... values) {
    long address = cuda.memory(4L * values.length);
    MemorySegment host = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
    cuda.ok("cuMemcpyHtoD_v2", address, host, 4L * values.length);
    return address;
  }

  private float[] download(long address, int count) {
    MemorySegment host = cuda.arena.allocate(4L * count, 4);
    cuda.ok("cuMemcpyDtoH_v2", host, address, 4L * count);
    return host.toArray(ValueLayout.JAVA_FLOAT);
  }

  /** A product's descriptors: D (m,n) = op(A) B. */
  private record Product(
      MemorySegment operation, MemorySegment a, MemorySegment b, MemorySegment d) {}

  private Product product(int compute) {
    MemorySegment operation = create("cublasLtMatmulDescCreate", compute, F32);
    ok("cublasLtMatmulDescSetAttribute", operation, 3, ints(1), 4L); // A transposed
    return new Product(operation, layout(2, 3), layout(2, 2), layout(3, 2));
  }

  private List<MemorySegment> algorithms(Product p, MemorySegment preference) {
    MemorySegment results = cuda.arena.allocate(8L * RESULT_BYTES, 8);
    MemorySegment count = cuda.arena.allocate(4);
    ok(
        "cublasLtMatmulAlgoGetHeuristic",
        handle,
        p.operation,
        p.a,
        p.b,
        p.d,
        p.d,
        preference,
        8,
        results,
        count);
    List<MemorySegment> found = new ArrayList<>();
    for (int i = 0; i < count.get(ValueLayout.JAVA_INT, 0); i++) {
      found.add(results.asSlice((long) i * RESULT_BYTES, RESULT_BYTES));
    }
    return found;
  }

  private int number(MemorySegment algorithm, int attribute) {
    MemorySegment value = cuda.arena.allocate(4);
    ok("cublasLtMatmulAlgoConfigGetAttribute", algorithm, attribute, value, 4L, NULL);
    return value.get(ValueLayout.JAVA_INT, 0);
  }

  private Object[] call(
      Product p, long a, long b, long d, MemorySegment algorithm, long workspace) {
    MemorySegment one = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 2);
    MemorySegment zero = cuda.arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0);
    long bytes = algorithm.get(ValueLayout.JAVA_LONG, 64);
    return new Object[] {
      handle,
      p.operation,
      one,
      a,
      p.a,
      b,
      p.b,
      zero,
      d,
      p.d,
      d,
      p.d,
      algorithm,
      workspace,
      bytes,
      NULL
    };
  }

  @Test
  void everyAlgorithmMultipliesAndAddsTheBiasOfARow() {
    Product p = product(COMPUTE_32F);
    long a = upload(1, 2, 3, 4, 5, 6); // columns (1,2), (3,4), (5,6)
    long b = upload(1, 10, 2, 20); // columns (1,10), (2,20)
    long d = cuda.memory(24);
    ok("cublasLtMatmulDescSetAttribute", p.operation, 7, ints(4), 4L);
    List<MemorySegment> found = algorithms(p, preference(1 << 20));
    ok("cublasLtMatmulDescSetAttribute", p.operation, 8, longs(upload(100, 200, 300)), 8L);
    assertEquals(List.of(31, 24, 0), found.stream().map(each -> number(each, 0)).toList());
    for (MemorySegment algorithm : found.subList(1, 3)) {
      ok("cublasLtMatmul", call(p, a, b, d, algorithm, cuda.memory(4096)));
      float[] expected = {142, 286, 430, 184, 372, 560};
      assertArrayEquals(expected, download(d, 6));
    }
  }

  @Test
  void rowsMayLieTogetherAndApart() {
    MemorySegment operation = create("cublasLtMatmulDescCreate", COMPUTE_32F, F32);
    MemorySegment apart = rows(2, 2, 3);
    Product p = new Product(operation, apart, rows(2, 2, 2), apart);
    MemorySegment algorithm = algorithms(p, preference(0)).getFirst();
    long a = upload(1, 2, -1, 3, 4, -1); // rows (1,2), (3,4), a gap after each
    long d = upload(9, 9, 9, 9, 9, 9);
    ok("cublasLtMatmul", call(p, a, upload(1, 10, 2, 20), d, algorithm, 0));
    assertArrayEquals(new float[] {10, 100, 9, 22, 220, 9}, download(d, 6));
  }

  private MemorySegment rows(long rows, long columns, long step) {
    MemorySegment layout = create("cublasLtMatrixLayoutCreate", F32, rows, columns, step);
    ok("cublasLtMatrixLayoutSetAttribute", layout, 1, ints(1), 4L);
    return layout;
  }

  @Test
  void sumsInPlaceHaveOtherBitsEachTime() {
    Product p = product(COMPUTE_32F);
    long a = upload(0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f);
    long b = upload(0.1f, 0.7f, 0.2f, 0.9f);
    long d = cuda.memory(24);
    MemorySegment inPlace = algorithms(p, preference(1 << 20)).getFirst();
    assertEquals(1, number(inPlace, 3));
    Object[] call = call(p, a, b, d, inPlace, cuda.memory(4096));
    boolean differ = false;
    ok("cublasLtMatmul", call);
    float[] first = download(d, 6);
    for (int i = 0; i < 4; i++) {
      ok("cublasLtMatmul", call);
      float[] next = download(d, 6);
      differ |= !Arrays.equals(first, next);
      assertArrayEquals(first, next, 1e-6f);
    }
    assertTrue(differ);
  }

  @Test
  void tf32RoundsWhatTheComputeTypeAllowsItTo() {
    float x = 1 + 0x1p-12f; // less than half of TF32's last place above 1
    long a = upload(x, 0, 0, 0, 0, 0);
    long b = upload(1, 0, 0, 0);
    long d = cuda.memory(24);
    for (int compute : new int[] {COMPUTE_32F, COMPUTE_TF32}) {
      Product p = product(compute);
      MemorySegment algorithm = algorithms(p, preference(0)).getFirst();
      assertEquals(compute == COMPUTE_TF32 ? 11 : 0, number(algorithm, 0));
      ok("cublasLtMatmul", call(p, a, b, d, algorithm, 0));
      assertEquals(compute == COMPUTE_TF32 ? 2 : 2 * x, download(d, 6)[0]);
    }
  }

  @Test
  void preferencesExcludeAlgorithms() {
    Product p = product(COMPUTE_32F);
    assertEquals(1, algorithms(p, preference(0)).size());
    MemorySegment inOrder = preference(1 << 20);
    ok("cublasLtMatmulPreferenceSetAttribute", inOrder, 3, ints(2), 4L);
    assertEquals(2, algorithms(p, inOrder).size());
    Product rounded = product(COMPUTE_TF32);
    MemorySegment fma = preference(0);
    assertEquals(2, algorithms(rounded, fma).size());
    ok("cublasLtMatmulPreferenceSetAttribute", fma, 12, longs(~0xfeL), 8L);
    assertEquals(1, algorithms(rounded, fma).size());
    softCudnn.reset("nondeterministic=1");
    handle = create("cublasLtCreate");
    Product again = product(COMPUTE_32F);
    assertEquals(31, number(algorithms(again, preference(1 << 20)).getFirst(), 0));
  }

  @Test
  void whatDoesNotFitIsRefused() {
    Product p = product(COMPUTE_32F);
    refused(
        INVALID_VALUE,
        "attribute 3 of a matmul descriptor has 4 bytes, not 8",
        "cublasLtMatmulDescSetAttribute",
        p.operation,
        3,
        longs(1),
        8L);
    refused(
        INVALID_VALUE,
        "a matmul preference has no attribute 77",
        "cublasLtMatmulPreferenceSetAttribute",
        preference(0),
        77,
        ints(1),
        4L);
    long a = upload(1, 2, 3, 4, 5, 6);
    long d = cuda.memory(24);
    MemorySegment workspace = pointer(cuda.memory(64));
    MemorySegment splits = algorithms(p, preference(1 << 20)).get(1);
    Object[] call = call(p, a, a, d, splits, workspace.address());
    refused(
        INVALID_VALUE,
        "the workspace's allocation ends before the bytes that it is said to have",
        "cublasLtMatmul",
        call);
    call[14] = 64L;
    refused(
        INVALID_VALUE,
        "the algorithm needs 96 bytes of workspace, given are 64",
        "cublasLtMatmul",
        call);
    Product other = new Product(p.operation, layout(2, 3), layout(2, 1), layout(3, 1));
    refused(
        INVALID_VALUE,
        "the algorithm was found for another product",
        "cublasLtMatmul",
        call(other, a, a, d, splits, 0));
    Product narrow = new Product(p.operation, p.a, layout(3, 2), p.d);
    refused(
        INVALID_VALUE,
        "op(A) has 2 columns, and op(B) as many rows not",
        "cublasLtMatmul",
        call(narrow, a, a, d, splits, 0));
    MemorySegment short1 = create("cublasLtMatrixLayoutCreate", F32, 3L, 2L, 2L);
    refused(
        INVALID_VALUE,
        "C has a leading dimension of 2 for 3 rows and 2 columns",
        "cublasLtMatmul",
        call(new Product(p.operation, p.a, p.b, short1), a, a, d, splits, 0));
    refused(
        NOT_SUPPORTED,
        "A is not aligned to the algorithm's 4 bytes",
        "cublasLtMatmul",
        call(p, a + 2, a, d, algorithms(p, preference(0)).getFirst(), 0));
  }
}
