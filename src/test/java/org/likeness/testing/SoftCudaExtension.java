package org.likeness.testing;

import java.util.List;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.likeness.ffi.Availability;

/** Does what {@link OnSoftCuda} promises. */
final class SoftCudaExtension
    implements ExecutionCondition, BeforeAllCallback, AfterAllCallback, ParameterResolver {
  private static final String DRIVER = "likeness.cuda.driver";
  private static final String WITHOUT = System.getProperty(DRIVER, "none-in-tests");
  private static final String NVML = "likeness.nvml";

  /** Real ones would not run on softcuda; softcudnn's extension names its own. */
  private static final List<String> LIBRARIES = List.of("likeness.cudnn", "likeness.cublaslt");

  private static final String NONE = "none-in-tests";

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    Availability<SoftCuda> softCuda = SoftCuda.open();
    if (softCuda instanceof Availability.Available) {
      return ConditionEvaluationResult.enabled("softcuda is built");
    }
    if ("true".equals(System.getenv("CI")) || "required".equals(System.getProperty("softcuda"))) {
      throw new IllegalStateException(softCuda.message());
    }
    return ConditionEvaluationResult.disabled("needs softcuda: " + softCuda.message());
  }

  @Override
  public void beforeAll(ExtensionContext context) {
    if (isNested(context)) {
      return;
    }
    SoftCuda softCuda = SoftCuda.open().orThrow();
    softCuda.reset();
    System.setProperty(DRIVER, softCuda.library().toString());
    System.setProperty(NVML, softCuda.nvml().toString());
    for (String library : LIBRARIES) {
      System.setProperty(library, System.getProperty(library, NONE));
    }
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (!isNested(context)) {
      System.setProperty(DRIVER, WITHOUT);
      System.clearProperty(NVML);
      LIBRARIES.forEach(library -> System.getProperties().remove(library, NONE));
    }
  }

  private static boolean isNested(ExtensionContext context) {
    return context.getRequiredTestClass().getEnclosingClass() != null;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == SoftCuda.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return SoftCuda.open().orThrow();
  }
}
