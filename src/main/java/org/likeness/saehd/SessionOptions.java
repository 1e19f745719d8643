package org.likeness.saehd;

import org.likeness.saehd.Option.Change;
import org.likeness.saehd.Option.Group;
import org.likeness.saehd.Option.Origin;
import org.likeness.saehd.OptionKind.Flag;
import org.likeness.saehd.OptionKind.Label;
import org.likeness.saehd.OptionKind.Whole;

/** Options of what a session writes, and when; {@link OptionTable} lists them with the others. */
public final class SessionOptions {
  private SessionOptions() {}

  /** Ends the names of backups (spec model.md 6.6). */
  public static final Option<String> SESSION_NAME =
      new Option<>(
          "session_name",
          new Label(),
          "",
          Group.SESSION,
          Origin.MVE,
          Change.ANY_TIME,
          "A word that ends the names of backups, to tell them apart.");

  /** Hours between backups (spec model.md 6.6). */
  public static final Option<Integer> AUTOBACKUP_HOUR =
      new Option<>(
          "autobackup_hour",
          new Whole(0, 24),
          0,
          Group.SESSION,
          Origin.BOTH,
          Change.ANY_TIME,
          "Hours after which a save is also kept as a backup, a session of its own; 0 is never.");

  /** How many backups are kept (spec model.md 6.6). */
  public static final Option<Integer> MAXIMUM_N_BACKUPS =
      new Option<>(
          "maximum_n_backups",
          new Whole(0, 10_000),
          24,
          Group.SESSION,
          Origin.MVE,
          Change.ANY_TIME,
          "Backups that are kept, the newest; 0 keeps all.");

  /** Minutes between saves. */
  public static final Option<Integer> SAVE_MINUTES =
      new Option<>(
          "save_minutes",
          new Whole(1, 1440),
          25,
          Group.SESSION,
          Origin.OURS,
          Change.ANY_TIME,
          "Minutes between saves.");

  /** Rows of a preview (spec model.md 6.7). */
  public static final Option<Integer> PREVIEW_SAMPLES =
      new Option<>(
          "preview_samples",
          new Whole(1, 16),
          4,
          Group.SESSION,
          Origin.MVE,
          Change.ANY_TIME,
          "Faces in a preview, at most as many as a batch has.");

  /** Previews as often as the original's history (spec model.md 6.7). */
  public static final Option<Boolean> WRITE_PREVIEW_HISTORY =
      new Option<>(
          "write_preview_history",
          new Flag(),
          false,
          Group.SESSION,
          Origin.BOTH,
          Change.ANY_TIME,
          "Draw previews every 10 iterations, above 64 px in proportion less often.");

  /** Iterations between preview pictures. */
  public static final Option<Integer> PREVIEW_EVERY =
      new Option<>(
          "preview_every",
          new Whole(0, Integer.MAX_VALUE),
          250,
          Group.SESSION,
          Origin.OURS,
          Change.ANY_TIME,
          "Iterations between preview pictures; 0 is only at the start and the end.");
}
