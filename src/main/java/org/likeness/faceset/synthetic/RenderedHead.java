package org.likeness.faceset.synthetic;

/**
 * A drawn head: side in pixels, {@code bgr} (size, size, 3) and {@code mask} (size, size) as
 * unsigned bytes (255 = face), landmarks (68, 2) in pixels of this picture.
 */
public record RenderedHead(int size, byte[] bgr, byte[] mask, double[][] landmarks) {}
