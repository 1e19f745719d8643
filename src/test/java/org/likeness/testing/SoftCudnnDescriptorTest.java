package org.likeness.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.likeness.testing.SoftCudaCalls.pointer;
import static org.likeness.testing.SoftCudnnCalls.BF16;
import static org.likeness.testing.SoftCudnnCalls.DATA_TYPE;
import static org.likeness.testing.SoftCudnnCalls.DESCRIPTOR_TYPE;
import static org.likeness.testing.SoftCudnnCalls.F32;
import static org.likeness.testing.SoftCudnnCalls.FORWARD;
import static org.likeness.testing.SoftCudnnCalls.GRAPH;
import static org.likeness.testing.SoftCudnnCalls.HANDLE_TYPE;
import static org.likeness.testing.SoftCudnnCalls.INT64_TYPE;
import static org.likeness.testing.SoftCudnnCalls.PACK;
import static org.likeness.testing.SoftCudnnCalls.TENSOR;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What softcudnn refuses. The statuses of descriptors are those that cuDNN 9.28 answers, found by
 * the same calls of it without a card.
 */
@OnSoftCudnn
final class SoftCudnnDescriptorTest {
  private static final MemorySegment NULL = MemorySegment.NULL;
  private static final int NOT_INITIALIZED = 1001;
  private static final int BAD_PARAM = 2000;
  private static final int NULL_POINTER = 2002;
  private static final int MISALIGNED = 2003;
  private static final int NOT_FINALIZED = 2004;
  private static final int SIZE_INSUFFICIENT = 2006;
  private static final int DUPLICATED = 2009;
  private static final int ATTRIBUTE_TYPE = 2010;
  private static final int WRONG_DESCRIPTOR = 2012;
  private static final int LAYOUT = 3004;

  private final SoftCuda softCuda;
  private final SoftCudnn softCudnn;
  private SoftCudnnCalls calls;

  SoftCudnnDescriptorTest(SoftCuda softCuda, SoftCudnn softCudnn) {
    this.softCuda = softCuda;
    this.softCudnn = softCudnn;
  }

  @BeforeEach
  void open() {
    calls = SoftCudnnCalls.on(softCuda, softCudnn);
  }

  @AfterEach
  void close() {
    calls.close();
  }

  private void refusedSet(
      int status,
      String sentence,
      MemorySegment descriptor,
      int attribute,
      int type,
      long count,
      MemorySegment values) {
    calls.refused(
        status, sentence, "cudnnBackendSetAttribute", descriptor, attribute, type, count, values);
  }

  private void refusedFinalize(int status, String sentence, MemorySegment descriptor) {
    calls.refused(status, sentence, "cudnnBackendFinalize", descriptor);
  }

  @Test
  void anAttributeHasItsTypeItsCountAndItsDescriptor() {
    MemorySegment tensor = calls.create(TENSOR);
    MemorySegment values = calls.array(0L, 0L);
    refusedSet(
        ATTRIBUTE_TYPE,
        "CUDNN_ATTR_TENSOR_DATA_TYPE has attribute type 1, not 3",
        tensor,
        901,
        INT64_TYPE,
        1,
        values);
    refusedSet(
        BAD_PARAM,
        "CUDNN_ATTR_TENSOR_DATA_TYPE cannot have 2 elements",
        tensor,
        901,
        DATA_TYPE,
        2,
        values);
    refusedSet(
        NULL_POINTER,
        "the elements of CUDNN_ATTR_TENSOR_DATA_TYPE are null",
        tensor,
        901,
        DATA_TYPE,
        1,
        NULL);
    refusedSet(
        BAD_PARAM,
        "a tensor has no CUDNN_ATTR_CONVOLUTION_COMP_TYPE",
        tensor,
        100,
        DATA_TYPE,
        1,
        values);
    refusedSet(
        BAD_PARAM,
        "a tensor has no attribute 99999 in softcudnn",
        tensor,
        99999,
        DATA_TYPE,
        1,
        values);
    refusedSet(NULL_POINTER, "the descriptor is null", NULL, 901, DATA_TYPE, 1, values);
    refusedSet(
        WRONG_DESCRIPTOR,
        "CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC cannot be a tensor",
        calls.create(FORWARD),
        702,
        DESCRIPTOR_TYPE,
        1,
        calls.array(tensor));
  }

  @Test
  void aTensorIsWhole() {
    MemorySegment tensor = calls.create(TENSOR);
    refusedFinalize(BAD_PARAM, "CUDNN_ATTR_TENSOR_UNIQUE_ID is not set", tensor);
    MemorySegment gaps = calls.tensor(F32, 1, 2, 3, 8, 8);
    calls.longs(gaps, 903, 400, 1, 24, 3);
    refusedFinalize(LAYOUT, "tensor 1 (2,3,8,8): its strides leave gaps or overlap", gaps);
    MemorySegment unaligned = calls.tensor(F32, 1, 2, 3, 8, 8);
    calls.longs(unaligned, 900, 2);
    refusedFinalize(
        BAD_PARAM,
        "tensor 1 (2,3,8,8): its alignment of 2 bytes is no multiple of its elements' 4",
        unaligned);
    MemorySegment few = calls.tensor(BF16, 1, 2, 3, 8, 8);
    calls.longs(few, 903, 192, 1, 24);
    refusedFinalize(BAD_PARAM, "tensor 1 (2,3,8,8) has 3 strides", few);
  }

  @Test
  void finalizedIsOnceAndForAll() {
    MemorySegment tensor = calls.tensor(F32, 1, 2, 3, 8, 8);
    MemorySegment found = calls.array(0L);
    calls.refused(
        NOT_INITIALIZED,
        "the tensor is not finalized",
        "cudnnBackendGetAttribute",
        tensor,
        906,
        INT64_TYPE,
        1L,
        found,
        found);
    calls.finished(tensor);
    assertEquals(1, calls.get(tensor, 906, INT64_TYPE, 1)[0]);
    assertEquals(4, calls.count(tensor, 902, INT64_TYPE));
    refusedSet(
        BAD_PARAM, "the tensor is finalized and cannot be set", tensor, 906, INT64_TYPE, 1, found);
    refusedFinalize(BAD_PARAM, "the tensor is finalized already", tensor);
    calls.ok("cudnnBackendDestroyDescriptor", tensor);
    refusedFinalize(BAD_PARAM, "the descriptor is none, or was destroyed", tensor);
  }

  @Test
  void anOperationStandsOnFinalizedParts() {
    MemorySegment x = calls.finished(calls.tensor(F32, 1, 2, 3, 8, 8));
    MemorySegment w = calls.finished(calls.tensor(F32, 2, 5, 3, 3, 3));
    MemorySegment late = calls.tensor(F32, 3, 2, 5, 8, 8);
    MemorySegment convolution = calls.finished(calls.convolution(1, 1, 1, 1));
    MemorySegment operation = calls.operation(FORWARD, convolution, x, w, late);
    calls.finished(late); // too late: the operation holds what it was given
    refusedFinalize(
        BAD_PARAM,
        "CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y was set before it was finalized",
        operation);
    MemorySegment graph = calls.create(GRAPH);
    refusedSet(
        NOT_FINALIZED,
        "an operation of CUDNN_ATTR_OPERATIONGRAPH_OPS is not finalized",
        graph,
        801,
        DESCRIPTOR_TYPE,
        1,
        calls.array(operation));
    refusedSet(NULL_POINTER, "the handle is null", graph, 800, HANDLE_TYPE, 1, calls.array(0L));
    MemorySegment small = calls.finished(calls.tensor(F32, 3, 2, 5, 7, 8));
    refusedFinalize(
        BAD_PARAM,
        "tensor 3 (2,5,7,8): the convolution gives 8 in dimension 2",
        calls.operation(FORWARD, convolution, x, w, small));
    MemorySegment oneStride = calls.convolution(1, 1, 1, 1);
    calls.longs(oneStride, 103, 1);
    refusedFinalize(
        BAD_PARAM,
        "paddings, strides or dilations have not the convolution's 2 spatial dimensions",
        oneStride);
  }

  /** A plan of engine 5, which wants 1 KiB of workspace, with x 1, w 2, y 3. */
  private MemorySegment plan() {
    calls.close();
    calls = SoftCudnnCalls.on(softCuda, softCudnn, "workspace=1024");
    MemorySegment x = calls.finished(calls.tensor(F32, 1, 1, 2, 4, 4));
    MemorySegment w = calls.finished(calls.tensor(F32, 2, 2, 2, 3, 3));
    MemorySegment y = calls.finished(calls.tensor(F32, 3, 1, 2, 4, 4));
    MemorySegment convolution = calls.finished(calls.convolution(1, 1, 1, 1));
    MemorySegment operation = calls.finished(calls.operation(FORWARD, convolution, x, w, y));
    for (MemorySegment part : new MemorySegment[] {x, w, y, convolution}) {
      calls.ok("cudnnBackendDestroyDescriptor", part); // an operation holds its parts itself
    }
    return calls.plan(calls.config(calls.graph(operation), 5));
  }

  private void refusedExecute(int status, String sentence, MemorySegment plan, MemorySegment pack) {
    calls.refused(status, sentence, "cudnnBackendExecute", calls.handle, plan, pack);
  }

  @Test
  void anExecutionHasAllItsMemory() {
    MemorySegment plan = plan();
    long x = calls.upload(new float[32]);
    long w = calls.upload(new float[36]);
    long y = calls.cuda.memory(128);
    long workspace = calls.cuda.memory(1024);
    refusedExecute(
        NULL_POINTER,
        "the plan needs 1024 bytes of workspace, the pack has none",
        plan,
        calls.pack(0, x, w, y));
    refusedExecute(
        SIZE_INSUFFICIENT,
        "the plan needs 1024 bytes of workspace, its allocation has 768",
        plan,
        calls.pack(workspace + 256, x, w, y));
    refusedExecute(
        MISALIGNED,
        "the pointer of tensor 1 (1,2,4,4) is no multiple of its 16 bytes",
        plan,
        calls.pack(workspace, x + 8, w, y));
    refusedExecute(
        BAD_PARAM,
        "the variant pack has no unique id 3, tensor 3 (1,2,4,4)",
        plan,
        calls.pack(workspace, x, w));
    refusedExecute(
        BAD_PARAM,
        "the variant pack has unique id 4, which no tensor of the plan has",
        plan,
        calls.pack(workspace, x, w, y, y));
    refusedExecute(
        BAD_PARAM,
        "output tensor 3 (1,2,4,4) overlaps tensor 1 (1,2,4,4)",
        plan,
        calls.pack(workspace, x, w, x));
    refusedExecute(
        BAD_PARAM,
        "the workspace overlaps tensor 3 (1,2,4,4)",
        plan,
        calls.pack(workspace, x, w, workspace + 512));
    calls.execute(plan, calls.pack(workspace, x, w, y));
    calls.download(y, 32);
    calls.cuda.refused(0, "cuCtxSynchronize");
  }

  @Test
  void aVariantPackPairsIdsAndPointers() {
    MemorySegment pack = calls.create(PACK);
    calls.longs(pack, 1000, 1, 2, 2);
    calls.set(pack, 1001, SoftCudnnCalls.POINTER_TYPE, 2, calls.array(16L, 32L));
    calls.set(pack, 1003, SoftCudnnCalls.POINTER_TYPE, 1, calls.array(0L));
    refusedFinalize(BAD_PARAM, "3 unique ids and 2 pointers", pack);
    calls.set(pack, 1001, SoftCudnnCalls.POINTER_TYPE, 3, calls.array(16L, 32L, 48L));
    refusedFinalize(DUPLICATED, "unique id 2 has two pointers", pack);
  }

  @Test
  void handlesAndStreamsAreChecked() {
    calls.refused(
        BAD_PARAM,
        "the stream is none of the thread's context",
        "cudnnSetStream",
        calls.handle,
        pointer(4711));
    calls.ok("cudnnDestroy", calls.handle);
    calls.refused(
        BAD_PARAM, "the handle is none, or was destroyed", "cudnnSetStream", calls.handle, NULL);
    MemorySegment tensor = calls.create(TENSOR);
    assertEquals("tensor\n", softCudnn.liveObjects());
    calls.ok("cudnnBackendDestroyDescriptor", tensor);
    assertEquals("", softCudnn.liveObjects());
  }

  @Test
  void anOlderLibraryLacksWhatCameLater() {
    MemorySegment plan = plan();
    MemorySegment found = calls.array(0L);
    MemorySegment config = calls.create(SoftCudnnCalls.CONFIG);
    calls.ok(
        "cudnnBackendGetAttribute", plan, 401, DESCRIPTOR_TYPE, 1L, found, calls.array(config));
    assertEquals(1024, calls.get(config, 303, INT64_TYPE, 1)[0]);
    calls.close();
    calls = SoftCudnnCalls.on(softCuda, softCudnn, "version=90100");
    calls.refused(
        BAD_PARAM,
        "CUDNN_ATTR_REDUCTION_IS_DETERMINISTIC came with cuDNN 91100, this is 90100",
        "cudnnBackendSetAttribute",
        calls.create(21),
        1602,
        SoftCudnnCalls.BOOLEAN_TYPE,
        1L,
        calls.array(0L));
  }

  @Test
  void aChosenCallFailsAndTheLibraryTellsWhy() {
    softCudnn.fail("cudnnBackendFinalize", 2, 4000);
    calls.finished(calls.tensor(F32, 1, 1, 1, 1, 1));
    refusedFinalize(4000, "a test lets this call fail", calls.tensor(F32, 1, 1, 1, 1, 1));
    assertEquals(2, softCudnn.count("cudnnBackendFinalize"));
    MemorySegment message = calls.cuda.arena.allocate(64);
    calls.softCudnn.run("cudnnGetLastErrorString", message, 64L);
    assertEquals(
        "cudnnBackendFinalize: a test lets this call fail",
        message.getString(0, StandardCharsets.UTF_8));
  }
}
