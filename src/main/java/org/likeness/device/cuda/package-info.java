/**
 * Runs planned graphs on NVIDIA GPUs: each node becomes launches of our kernels, the whole step one
 * CUDA graph.
 */
package org.likeness.device.cuda;
