package org.likeness.testing;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Skips tests tagged {@code slow} or {@code gpu} unless the system property of that name is true:
 * {@code mvn verify -Dslow=true}.
 *
 * <p>Unlike a group that Surefire excludes, what is left out is counted and says why.
 */
public final class TagCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    if (context.getTags().contains("slow") && !Boolean.getBoolean("slow")) {
      return ConditionEvaluationResult.disabled("slow; run it with -Dslow=true");
    }
    if (context.getTags().contains("gpu") && !Boolean.getBoolean("gpu")) {
      return ConditionEvaluationResult.disabled("needs a GPU; run it with -Dgpu=true on one");
    }
    return ConditionEvaluationResult.enabled("no tag that needs a property");
  }
}
