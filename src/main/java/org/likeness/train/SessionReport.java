package org.likeness.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.likeness.saehd.SaehdOptions;

/**
 * What a session holds, for people: its newest checkpoint that is whole, and the means of its last
 * losses.
 */
public record SessionReport(
    Path session,
    long iteration,
    SaehdOptions options,
    Map<String, String> facts,
    Map<String, FileReport> files,
    Recent recent) {
  private static final int RECENT = 100;

  /** One file of the checkpoint. */
  public record FileReport(int tensors, long bytes) {}

  /**
   * Mean figures of the last {@code n} iterations, and the share of their time that no samples were
   * ready.
   */
  public record Recent(
      int n, double milliseconds, double srcLoss, double dstLoss, double waitingShare) {}

  /** Reads a session without changing it; {@code say} hears of checkpoints that are damaged. */
  public static SessionReport of(Path session, Consumer<String> say) throws SessionException {
    try (Generation generation = SessionFolder.read(session, manifest -> Map.of(), say)) {
      Checkpoint checkpoint = generation.checkpoint();
      Map<String, FileReport> files = new LinkedHashMap<>();
      checkpoint
          .files()
          .forEach(
              (stem, tensors) ->
                  files.put(
                      stem,
                      new FileReport(
                          tensors.size(),
                          tensors.stream().mapToLong(t -> t.data().byteSize()).sum())));
      return new SessionReport(
          session,
          checkpoint.iteration(),
          checkpoint.options(),
          checkpoint.facts(),
          files,
          recent(LossHistory.read(session)));
    }
  }

  private static Recent recent(List<LossHistory.Entry> losses) {
    List<LossHistory.Entry> last =
        losses.subList(Math.max(0, losses.size() - RECENT), losses.size());
    return new Recent(
        last.size(),
        last.stream().mapToDouble(LossHistory.Entry::milliseconds).average().orElse(0),
        last.stream().mapToDouble(LossHistory.Entry::src).average().orElse(0),
        last.stream().mapToDouble(LossHistory.Entry::dst).average().orElse(0),
        last.stream().mapToDouble(LossHistory.Entry::waited).sum()
            / Math.max(1, last.stream().mapToLong(LossHistory.Entry::milliseconds).sum()));
  }
}
