package org.likeness.faceset;

/** A picture that a faceset holds but cannot use; {@code reason} completes "it ...". */
public record SkippedFace(String name, String reason) {}
