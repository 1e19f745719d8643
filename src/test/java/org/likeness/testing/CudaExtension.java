package org.likeness.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.likeness.cuda.CudaDriver;
import org.likeness.ffi.Availability;

/** Does what {@link OnCuda} promises. */
final class CudaExtension
    implements ExecutionCondition, BeforeAllCallback, AfterAllCallback, ParameterResolver {
  private final SoftCudaExtension soft = new SoftCudaExtension();

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (!TestGpu.isCard()) {
      return soft.evaluateExecutionCondition(context);
    }
    Availability<CudaDriver> driver = CudaDriver.open();
    return driver instanceof Availability.Available
        ? ConditionEvaluationResult.enabled("there is a GPU")
        : ConditionEvaluationResult.disabled("needs a GPU: " + driver.message());
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (!TestGpu.isCard()) {
      soft.beforeAll(context);
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (!TestGpu.isCard()) {
      soft.afterAll(context);
    }
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == TestGpu.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return TestGpu.isCard() ? TestGpu.Card.first() : new TestGpu.Soft(SoftCuda.open().orThrow());
  }
}
