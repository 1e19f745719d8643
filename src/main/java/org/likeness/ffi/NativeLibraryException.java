package org.likeness.ffi;

/** A native library cannot be used; the message says which, why, and what to do. */
public final class NativeLibraryException extends RuntimeException {
  private static final long serialVersionUID = 1;

  NativeLibraryException(String message) {
    super(message);
  }
}
