package org.likeness.architecture.planted.stray;

/** Planted: a package without a row. */
record Stray(String name) {}
