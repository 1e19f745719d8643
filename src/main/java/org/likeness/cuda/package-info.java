/** Checked calls of the CUDA driver, NVML and NVTX, and the objects that own their handles. */
package org.likeness.cuda;
