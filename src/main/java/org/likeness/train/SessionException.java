package org.likeness.train;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.Locale;

/** A session that cannot be opened, read or saved; the message names the path and the remedy. */
public final class SessionException extends IOException {
  private static final long serialVersionUID = 1;

  SessionException(String sentence) {
    super(sentence);
  }

  private SessionException(String sentence, Throwable cause) {
    super(sentence, cause);
  }

  /** {@code what} ("cannot save generation 7") failed at {@code path}: adds why and the remedy. */
  static SessionException at(String what, Path path, IOException cause) {
    return cause instanceof SessionException known
        ? known
        : new SessionException("%s: %s".formatted(what, reason(path, cause)), cause);
  }

  /** Why something failed at {@code path}, and the remedy. */
  static String reason(Path path, IOException cause) {
    String text = cause.getMessage() == null ? "" : cause.getMessage().toLowerCase(Locale.ROOT);
    if (text.contains("no space left")
        || text.contains("not enough space")
        || text.contains("quota exceeded")) {
      return "the disk of " + path + " is full; free some space there and start again";
    }
    if (cause instanceof AccessDeniedException || text.contains("read-only file system")) {
      return path + " may not be written to; choose a folder that you may write to";
    }
    if (cause instanceof FileAlreadyExistsException || cause instanceof NotDirectoryException) {
      return path + " is a file, not a folder; choose another name";
    }
    if (cause instanceof NoSuchFileException missing) {
      return "there is no " + missing.getFile();
    }
    if (cause instanceof FileSystemException system && system.getReason() != null) {
      return path + ": " + system.getReason();
    }
    return path + ": " + (cause.getMessage() == null ? cause.toString() : cause.getMessage());
  }
}
