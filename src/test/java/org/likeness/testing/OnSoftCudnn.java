package org.likeness.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that needs softcuda and softcudnn: {@link OnSoftCuda}, with both libraries reset
 * before the class and found by the bindings meanwhile. Tests may take a {@link SoftCudnn}
 * parameter.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@OnSoftCuda
@ExtendWith(SoftCudnnExtension.class)
public @interface OnSoftCudnn {}
