package org.likeness.faceset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Expected values are NumPy's for RandomState(5). */
class Mt19937Test {
  @Test
  void drawsNumPysWords() {
    Mt19937 g = new Mt19937(5);
    long[] words = IntStream.range(0, 5).mapToLong(_ -> g.nextInt() & 0xffffffffL).toArray();
    assertArrayEquals(
        new long[] {953453411L, 236996814L, 3739766767L, 3570525885L, 887852006L}, words);
  }

  @Test
  void drawsNumPysNumbers() {
    Mt19937 g = new Mt19937(5);
    assertEquals(-5.56013657820521, g.uniform(-10, 10));
    assertEquals(6, g.integer(0, 10));
    assertEquals(7, g.integer(7, 8)); // draws nothing
    for (double expected :
        new double[] {0.10779443675126725, -0.03063626579213903, -0.19970653101082753}) {
      assertEquals(expected, g.gaussian(), 1e-15); // log may differ in its last bit
    }
    int last = 0;
    for (int i = 0; i < 2000; i++) {
      last = g.nextInt();
    }
    assertEquals(476841849L, last & 0xffffffffL);
  }
}
