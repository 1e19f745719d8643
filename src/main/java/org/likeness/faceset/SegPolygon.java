package org.likeness.faceset;

/**
 * One polygon of the XSeg editor in pixels, {@code x0 y0 x1 y1 ...}; kept, not used in training
 * (spec data.md 1.7).
 */
public record SegPolygon(boolean include, double[] xy) {}
