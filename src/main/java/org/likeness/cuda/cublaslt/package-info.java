/**
 * Checked calls of cuBLASLt, and the objects that own what it makes, in the three layers of {@code
 * org.likeness.cuda}.
 */
package org.likeness.cuda.cublaslt;
