package org.likeness.saehd;

/** An option that is unknown, not built yet or out of range; the message says what is allowed. */
public final class InvalidOptionException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  /** Carries one sentence for the person who set the option. */
  public InvalidOptionException(String sentence) {
    super(sentence);
  }
}
