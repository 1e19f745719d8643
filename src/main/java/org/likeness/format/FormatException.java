package org.likeness.format;

import java.io.IOException;

/** A file does not keep its format's rules; the message says where and how, in one sentence. */
public final class FormatException extends IOException {
  /** Carries a sentence for a person. */
  public FormatException(String message) {
    super(message);
  }

  /** Text out of a file, made fit for a message: at most 80 characters, none of them control. */
  static String shown(String text) {
    String cut = text.length() <= 80 ? text : text.substring(0, 77) + "...";
    return cut.replaceAll("\\p{Cntrl}", "?");
  }
}
