/**
 * The CPU device: oneDNN for convolutions and matrix products in f32, plain Java for the rest and
 * for everything in f64. The f64 path is the oracle of every kernel.
 */
package org.likeness.device.cpu;
