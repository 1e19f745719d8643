package org.likeness.faceset;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;

/**
 * A faceset or one of its files cannot be used; the message is a sentence with the path and the
 * remedy.
 */
public final class FacesetException extends IOException {
  /** Carries a sentence for a person. */
  public FacesetException(String message) {
    super(message);
  }

  /** Carries a sentence for a person, and what led to it. */
  public FacesetException(String message, Throwable cause) {
    super(message, cause);
  }

  /** What an exception of the file system means, in words. */
  static String reason(IOException e) {
    return switch (e) {
      case NoSuchFileException _ -> "it is gone";
      case AccessDeniedException _ -> "access is denied";
      case FileAlreadyExistsException _ -> "a file is in its place";
      default -> String.valueOf(e.getMessage());
    };
  }
}
