package org.likeness.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test class that needs softcuda: skipped with a sentence where it cannot be built, unless {@code
 * CI=true} or {@code -Dsoftcuda=required} says that it must be. Its device is reset before the
 * class, the bindings are pointed at it meanwhile, and tests may take a {@link SoftCuda} parameter.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Tag("softcuda")
@ExtendWith(SoftCudaExtension.class)
public @interface OnSoftCuda {}
