package org.likeness.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class of kernels: as {@link OnSoftCuda}, but with {@code -Dgpu=true} on the first GPU of
 * the driver that is installed, or that {@code likeness.cuda.driver} names. Tests may take a {@link
 * TestGpu} parameter.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("softcuda")
@ExtendWith(CudaExtension.class)
public @interface OnCuda {}
