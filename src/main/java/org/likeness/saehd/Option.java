package org.likeness.saehd;

/**
 * One option: its name in files (DeepFaceLab's, with underscores), what it accepts, its default and
 * its help. A fixed option describes the model or the random numbers and never changes after the
 * session's first iteration (spec model.md 1.3, marked A).
 */
public record Option<T>(
    String name, OptionKind<T> kind, T preset, Group group, boolean fixed, String help) {

  /** Heading under which an option is listed. */
  public enum Group {
    /** What the network is. */
    MODEL("Model (fixed once a session exists)"),
    /** How it learns. */
    TRAINING("Training"),
    /** What it is shown. */
    SAMPLES("Samples"),
    /** What is written, and when. */
    SESSION("Session");

    private final String heading;

    Group(String heading) {
      this.heading = heading;
    }

    /** The heading as people read it. */
    public String heading() {
      return heading;
    }
  }

  /** Refuses a default that its own kind would refuse. */
  public Option {
    kind.check(name, preset);
  }

  /** The flag on the command line: {@code batch_size} is {@code --batch-size}. */
  public String flag() {
    return "--" + name.replace('_', '-');
  }

  /** The value that {@code text} stands for, checked. */
  T parse(String text) {
    T value = kind.parse(name, text.strip());
    kind.check(name, value);
    return value;
  }

  /** {@code value} as this option's type, checked. */
  T checked(Object value) {
    T typed = kind.type().cast(value);
    kind.check(name, typed);
    return typed;
  }

  /** One line for {@code --help}: the sentence, what is allowed, and the default. */
  public String helpLine() {
    String sentence = help.substring(0, help.length() - 1);
    return "%s (%sdefault %s).".formatted(sentence, allowed(), shown());
  }

  private String allowed() {
    return switch (kind) {
      case OptionKind.Flag flag -> "";
      case OptionKind.Choice choice -> ""; // the words stand beside the flag
      case OptionKind.Whole whole -> whole.allowed() + "; ";
      case OptionKind.Real real -> real.allowed() + "; ";
      case OptionKind.Archi archi -> "";
    };
  }

  private String shown() {
    return switch (preset) {
      case Boolean on -> on ? "on" : "off";
      case Double number -> OptionKind.Real.decimal(number);
      default -> preset.toString();
    };
  }
}
