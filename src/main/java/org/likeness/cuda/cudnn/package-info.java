/**
 * Checked calls of cuDNN 9's graph interface, and the objects that own what it makes.
 *
 * <p>Three layers, as in {@code org.likeness.cuda}: {@code CudnnFunctions} holds addresses and
 * calls them; {@code CudnnCalls} checks every status; the public classes own handles and
 * descriptors.
 */
package org.likeness.cuda.cudnn;
