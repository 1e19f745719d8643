package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Division as the kernels do it. */
class ConvolutionParametersTest {
  @Test
  void multiplyingAndShiftingDivides() {
    Random random = new Random(3);
    for (int i = 0; i < 20_000; i++) {
      int divisor = i < 2048 ? i + 1 : Math.max(random.nextInt() >>> 1 + random.nextInt(31), 1);
      int multiple = (Integer.MAX_VALUE / divisor - random.nextInt(2)) * divisor;
      for (int n : new int[] {0, divisor - 1, divisor, multiple, multiple - 1, 1 << 30}) {
        check(Math.max(n, 0), divisor);
      }
      check(Integer.MAX_VALUE, divisor);
      check(random.nextInt() >>> 1, divisor);
    }
  }

  private static void check(int n, int divisor) {
    long high = n * Integer.toUnsignedLong(ConvolutionParameters.magic(divisor)) >>> 32;
    long quotient = (high + n & 0xFFFFFFFFL) >>> ConvolutionParameters.shift(divisor);
    assertEquals(n / divisor, quotient, n + " / " + divisor);
  }
}
