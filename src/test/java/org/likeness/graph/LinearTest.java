package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.likeness.graph.Linear.Conv2d;
import org.likeness.graph.Linear.Conv2dDgrad;
import org.likeness.graph.Linear.Conv2dWgrad;
import org.likeness.graph.Linear.Dense;
import org.likeness.graph.Linear.DenseDgrad;
import org.likeness.graph.Linear.DenseWgrad;

/** What element types products give. */
class LinearTest {
  private static final Window WINDOW = Window.centred(3, 1);
  private static final Shape WEIGHT = Shape.of(4, 3, 3, 2);

  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"BF16", "F16"})
  void gradientsOfWeightsAreF32OfSixteenBitOperands(DType type) {
    List<DType> operands = List.of(type, type);
    assertEquals(DType.F32, new Conv2dWgrad(WINDOW, 1, WEIGHT, true).dtype(operands));
    assertEquals(DType.F32, new DenseWgrad(1, true).dtype(operands));
    assertEquals(type, Conv2d.of(WINDOW).dtype(List.of(type, type, DType.F32)));
    assertEquals(type, new Dense(1, true).dtype(List.of(type, type, DType.F32)));
    assertEquals(type, new Conv2dDgrad(WINDOW, 1, Shape.of(1, 5, 5, 2)).dtype(operands));
    assertEquals(type, new DenseDgrad(1).dtype(operands));
  }

  @Test
  void gradientsOfWeightsKeepLongerTypes() {
    for (DType type : List.of(DType.F32, DType.F64)) {
      List<DType> operands = List.of(type, type);
      assertEquals(type, new Conv2dWgrad(WINDOW, 1, WEIGHT, true).dtype(operands));
      assertEquals(type, new DenseWgrad(1, false).dtype(operands));
    }
  }
}
