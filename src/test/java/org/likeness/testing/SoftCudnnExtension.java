package org.likeness.testing;

import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Does what {@link OnSoftCudnn} promises beyond {@link OnSoftCuda}, which has said whether there is
 * a softcuda: where that was built, so is softcudnn, or the build's message fails the class.
 */
final class SoftCudnnExtension implements BeforeAllCallback, AfterAllCallback, ParameterResolver {
  private static final String CUDNN = "likeness.cudnn";
  private static final String CUBLASLT = "likeness.cublaslt";

  @Override
  public void beforeAll(ExtensionContext context) {
    if (isNested(context)) {
      return;
    }
    SoftCudnn softCudnn = SoftCudnn.open().orThrow();
    softCudnn.reset();
    System.setProperty(CUDNN, softCudnn.library().toString());
    System.setProperty(CUBLASLT, softCudnn.cublasLt().toString());
  }

  @Override
  public void afterAll(ExtensionContext context) {
    if (!isNested(context)) {
      System.clearProperty(CUDNN);
      System.clearProperty(CUBLASLT);
    }
  }

  private static boolean isNested(ExtensionContext context) {
    return context.getRequiredTestClass().getEnclosingClass() != null;
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == SoftCudnn.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return SoftCudnn.open().orThrow();
  }
}
