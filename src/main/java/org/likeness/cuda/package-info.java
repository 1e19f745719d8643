/**
 * Checked calls of the CUDA driver, NVML and NVTX, and the objects that own their handles.
 *
 * <p>Three layers: the records {@code Driver...} hold addresses and call them, as C does; {@code
 * Health} checks every status; the public classes own what they make and give it back.
 */
package org.likeness.cuda;
