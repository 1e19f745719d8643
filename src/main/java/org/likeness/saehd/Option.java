package org.likeness.saehd;

/**
 * One option: its name in files (DeepFaceLab's, with underscores), what it accepts, its default and
 * a sentence of advice (spec model.md 1.2, 1.3).
 *
 * @param origin which original has it
 * @param change whether a session that exists may have it changed
 */
public record Option<T>(
    String name,
    OptionKind<T> kind,
    T preset,
    Group group,
    Origin origin,
    Change change,
    String help) {

  /** Where an option comes from. */
  public enum Origin {
    /** DeepFaceLab and DeepFaceLab-MVE. */
    BOTH("both"),
    /** DeepFaceLab alone. */
    OG("og"),
    /** DeepFaceLab-MVE alone. */
    MVE("mve"),
    /** Neither. */
    OURS("ours");

    private final String word;

    Origin(String word) {
      this.word = word;
    }

    /** One word for tables. */
    public String word() {
      return word;
    }
  }

  /** Whether, and at what price, an option may change once a session exists. */
  public enum Change {
    /** It describes the model or its random numbers. */
    NEVER("never"),
    /** From one run to the next, or from phase to phase. */
    ANY_TIME("any time"),
    /** The slots of the other optimiser cannot be used. */
    OPTIMIZER("any time; the optimiser starts anew"),
    /** The discriminator has another shape. */
    DISCRIMINATOR("any time; the discriminator starts anew"),
    /** What was pretrained becomes the start of a new run. */
    PRETRAINING("to off; the iterations start anew");

    private final String words;

    Change(String words) {
      this.words = words;
    }

    /** A few words for tables. */
    public String words() {
      return words;
    }
  }

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

  /** Whether it never changes after the session's first iteration. */
  public boolean fixed() {
    return change == Change.NEVER;
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
    return switch (kind) {
      case OptionKind.Whole whole ->
          "%s (%s; default %s).".formatted(sentence, whole.allowed(), shown());
      case OptionKind.Real real ->
          "%s (%s; default %s).".formatted(sentence, real.allowed(), shown());
      case OptionKind.Recipe recipe -> help;
      case OptionKind.Label label -> help;
      case OptionKind.Layers layers -> "%s (default %s).".formatted(sentence, shown());
      case OptionKind.Shadow shadow -> help;
      // what is allowed stands beside the flag
      case OptionKind.Flag flag -> "%s (default %s).".formatted(sentence, shown());
      case OptionKind.Choice choice -> "%s (default %s).".formatted(sentence, shown());
      case OptionKind.Archi archi -> "%s (default %s).".formatted(sentence, shown());
    };
  }

  /** The type of its values, for tables. */
  public String type() {
    return switch (kind) {
      case OptionKind.Flag flag -> "switch";
      case OptionKind.Choice choice -> "choice";
      case OptionKind.Whole whole -> "whole number";
      case OptionKind.Real real -> "number";
      case OptionKind.Archi archi -> "architecture";
      case OptionKind.Recipe recipe -> "recipe";
      case OptionKind.Label label -> "word";
      case OptionKind.Layers layers -> "layers";
      case OptionKind.Shadow shadow -> "four numbers";
    };
  }

  /** What is allowed, in a few words. */
  public String allowed() {
    return switch (kind) {
      case OptionKind.Flag flag -> "on, off";
      case OptionKind.Choice choice -> String.join(", ", choice.words());
      case OptionKind.Whole whole -> whole.allowed() + (whole.step() == 2 ? ", even" : "");
      case OptionKind.Real real -> real.allowed();
      case OptionKind.Archi archi -> "df or liae, then - and any of u, d, t, c";
      case OptionKind.Recipe recipe -> "a list of phases";
      case OptionKind.Layers layers -> "none, auto, names of layers";
      case OptionKind.Label label -> "letters, digits, - and _";
      case OptionKind.Shadow shadow -> "none, on, or four numbers";
    };
  }

  /** The default as people write it. */
  public String shown() {
    return switch (preset) {
      case Boolean on -> on ? "on" : "off";
      case Double number -> OptionKind.Real.decimal(number);
      default -> preset.toString();
    };
  }
}
