package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** Known answers of the paper's own test suite (Random123, kat_vectors, philox4x32 10). */
  @Test
  void givesThePublishedAnswers() {
    int[] zeros = {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8};
    int[] ones = {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd};
    for (int i = 0; i < 4; i++) {
      assertEquals(zeros[i], Philox.bits(0, 0, i));
      // block 2^62 - 1 is as far as positions reach; the all-ones counter needs bits 62 and 63 too
      assertEquals(ones[i], Philox.word(-1, -1, -1L, i));
    }
  }

  @Test
  void uniformIsUniform() {
    double sum = 0;
    for (int i = 0; i < 10000; i++) {
      sum += Philox.uniform(5, 9, i);
    }
    assertEquals(0.5, sum / 10000, 0.01); // deviation of the mean: 0.0029
  }
}
