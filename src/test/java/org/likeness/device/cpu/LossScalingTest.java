package org.likeness.device.cpu;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.device.LossScalingCases;
import org.likeness.nn.Optimizer.Rule;

class LossScalingTest {
  private static CpuDevice device;

  @BeforeAll
  static void open() {
    device = new CpuDevice();
  }

  @AfterAll
  static void close() {
    device.close();
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void theScaleIsUndone(Rule rule) {
    LossScalingCases.theScaleIsUndone(device, rule, 0);
    LossScalingCases.theScaleIsUndone(device, rule, 1);
  }

  @ParameterizedTest
  @EnumSource(Rule.class)
  void anOverflowSkipsTheStep(Rule rule) {
    LossScalingCases.anOverflowSkipsTheStep(device, rule, Double.POSITIVE_INFINITY);
    LossScalingCases.anOverflowSkipsTheStep(device, rule, Double.NaN);
  }

  @Test
  void patienceDoublesTheScale() {
    LossScalingCases.patienceDoublesTheScale(device);
  }
}
