package org.likeness.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.foreign.MemorySegment;
import java.lang.management.ManagementFactory;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.likeness.device.cpu.OnednnConvolutionSpec.Padding;
import org.likeness.device.cpu.OnednnEpilogue.Activation;

class OnednnOperationTest {
  private static final long PLENTY = 1L << 30;
  private static final OnednnConvolutionSpec SPEC =
      new OnednnConvolutionSpec(2, 9, 9, 22, 48, 3, 3, 1, Padding.all(1), 1);
  private static final OnednnEpilogue EPILOGUE =
      new OnednnEpilogue(1, true, true, new Activation.LeakyRelu(0.2));

  private static OnednnEngine engine;

  @BeforeAll
  static void open() {
    engine = OnednnEngine.open().orThrow();
  }

  @AfterAll
  static void close() {
    engine.close();
  }

  @Test
  void runningAllocatesNothing() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    try (OnednnFixture f = new OnednnFixture(engine, SPEC);
        OnednnOperation forward = f.convolution().forward(EPILOGUE, PLENTY);
        OnednnOperation data = f.convolution().backwardData(1, PLENTY);
        OnednnOperation weights = f.convolution().backwardWeights(1, true, PLENTY)) {
      f.run(forward, f.forwardOperands(EPILOGUE));
      f.run(data, List.of(f.dy, f.stored, f.dx));
      f.run(weights, List.of(f.x, f.dy, f.dstored, f.db));
      long before = 0;
      for (int i = 0; i < 2000; i++) {
        before = i == 1000 ? threads.getCurrentThreadAllocatedBytes() : before;
        forward.run();
        data.run();
        weights.run();
      }
      long bytes = threads.getCurrentThreadAllocatedBytes() - before;
      // measured 288: the counters themselves; one object per run would be 48000
      assertTrue(bytes < 3000, bytes + " bytes in 3000 runs");
    }
  }

  @Test
  void runsRepeatBitForBit() {
    try (OnednnFixture f = new OnednnFixture(engine, SPEC);
        OnednnOperation forward = f.convolution().forward(EPILOGUE, PLENTY);
        OnednnOperation data = f.convolution().backwardData(1, PLENTY);
        OnednnOperation weights = f.convolution().backwardWeights(1, true, PLENTY)) {
      List<MemorySegment> results = List.of(f.y, f.dx, f.dstored, f.db);
      List<float[]> first = null;
      for (int i = 0; i < 5; i++) {
        results.forEach(r -> r.fill((byte) 0xff));
        f.run(forward, f.forwardOperands(EPILOGUE));
        f.run(data, List.of(f.dy, f.stored, f.dx));
        f.run(weights, List.of(f.x, f.dy, f.dstored, f.db));
        List<float[]> now = results.stream().map(OnednnFixture::floats).toList();
        first = first == null ? now : first;
        for (int k = 0; k < now.size(); k++) {
          assertArrayEquals(first.get(k), now.get(k));
        }
      }
    }
  }

  @Test
  void anotherBindingMovesTheOperands() {
    try (OnednnFixture f = new OnednnFixture(engine, SPEC);
        OnednnFixture g = new OnednnFixture(engine, SPEC);
        OnednnOperation op = f.convolution().forward(EPILOGUE, PLENTY)) {
      f.run(op, f.forwardOperands(EPILOGUE));
      g.x.fill((byte) 0);
      f.run(op, g.forwardOperands(EPILOGUE));
      g.assertClose("y", g.y, NaiveConvolution.forward(SPEC, g.x, g.w, g.b, g.r, EPILOGUE), 22 * 9);
    }
  }

  @Test
  void memoryThatIsTooSmallMisalignedOrMissingIsRefused() {
    try (OnednnFixture f = new OnednnFixture(engine, SPEC);
        OnednnOperation op = f.convolution().forward(OnednnEpilogue.NONE, PLENTY)) {
      String name = op.implementation();
      MemorySegment none = MemorySegment.NULL;
      assertEquals(name + " takes 3 operands, not 2", refusal(() -> op.bind(none, f.x, f.stored)));
      MemorySegment small = f.x.asSlice(0, 64);
      assertEquals(
          name
              + ": operand 0 has 64 bytes at address "
              + f.x.address()
              + ", "
              + f.x.byteSize()
              + " bytes aligned to 64 are needed",
          refusal(() -> op.bind(none, small, f.stored, f.y)));
      MemorySegment odd = f.y.asSlice(4);
      assertEquals(
          name
              + ": operand 2 has "
              + odd.byteSize()
              + " bytes at address "
              + odd.address()
              + ", "
              + f.y.byteSize()
              + " bytes aligned to 64 are needed",
          refusal(() -> op.bind(none, f.x, f.stored, odd)));
    }
  }

  @Test
  void runningUnboundIsRefused() {
    try (OnednnFixture f = new OnednnFixture(engine, SPEC);
        OnednnOperation op = f.convolution().forward(EPILOGUE, PLENTY)) {
      assertEquals(
          op.implementation() + " was run before its memory was bound",
          assertThrows(IllegalStateException.class, op::run).getMessage());
    }
  }

  private static String refusal(Runnable call) {
    return assertThrows(IllegalArgumentException.class, call::run).getMessage();
  }
}
