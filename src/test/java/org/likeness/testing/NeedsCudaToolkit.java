package org.likeness.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips what it is on where {@link CudaToolkit} cannot be had, saying why; under {@code CI=true}
 * the test runs and fails instead.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(NeedsCudaToolkit.Condition.class)
public @interface NeedsCudaToolkit {
  /** The condition of the annotation. */
  final class Condition implements ExecutionCondition {
    private static String missing;

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      String reason = "true".equals(System.getenv("CI")) ? "" : missing();
      return reason.isEmpty()
          ? ConditionEvaluationResult.enabled("the toolkit is here")
          : ConditionEvaluationResult.disabled(reason);
    }

    /** Asks once for everything: a failing download takes its time. */
    private static synchronized String missing() {
      if (missing == null) {
        missing = "";
        try {
          CudaToolkit.nvrtc();
          CudaToolkit.headers();
          CudaToolkit.ptxas(75);
          CudaToolkit.ptxas(120);
          CudaToolkit.nvdisasm();
        } catch (CudaToolkit.Missing e) {
          missing = e.getMessage();
        }
      }
      return missing;
    }
  }
}
