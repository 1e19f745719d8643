package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.train.LossHistory.Entry;

class LossHistoryTest {
  @TempDir Path session;

  private void append(long from, int... iterations) throws Exception {
    try (LossHistory history = LossHistory.open(session, from)) {
      for (int i : iterations) {
        history.append(new Entry(i, 10 * i, i / 3f, i / 7f));
      }
      history.sync();
    }
  }

  private List<Long> iterations() throws Exception {
    return LossHistory.read(session).stream().map(Entry::iteration).toList();
  }

  @Test
  void readsBackWhatWasAppended() throws Exception {
    assertEquals(List.of(), iterations());
    append(0, 1, 2);
    append(2, 3);
    assertEquals(List.of(1L, 2L, 3L), iterations());
    assertEquals(new Entry(3, 30, 1f, 3 / 7f), LossHistory.read(session).get(2));
  }

  @Test
  void whatDiscriminatorsLoseIsKeptToo() throws Exception {
    Entry entry = new Entry(1, 10, new Learner.Losses(2, 3, 0.69f, 1.4f), 0.5f);
    try (LossHistory history = LossHistory.open(session, 0)) {
      history.append(entry);
    }
    assertEquals(
        List.of("1,10,2.0,3.0,0.5,0.69,1.4"), Files.readAllLines(session.resolve("losses.csv")));
    assertEquals(List.of(entry), LossHistory.read(session));
  }

  @Test
  void linesOfEarlierSessionsHaveNoTimeWaited() throws Exception {
    Files.writeString(session.resolve("losses.csv"), "1,10,2.0,3.0\n2,10,2.0,3.0,1.5\n");
    assertEquals(
        List.of(new Entry(1, 10, 2, 3, 0), new Entry(2, 10, 2, 3, 1.5f)),
        LossHistory.read(session));
  }

  @Test
  void aTornLastLineIsIgnoredAndWrittenOver() throws Exception {
    append(0, 1, 2);
    Files.writeString(session.resolve("losses.csv"), "3,30,0.1,0.", StandardOpenOption.APPEND);
    assertEquals(List.of(1L, 2L), iterations());
    append(2, 3, 4);
    assertEquals(List.of(1L, 2L, 3L, 4L), iterations());
    assertEquals(4, Files.readAllLines(session.resolve("losses.csv")).size());
  }

  @Test
  void resumingEarlierCutsOffWhatCameAfter() throws Exception {
    append(0, 1, 2, 3, 4, 5);
    append(3, 4);
    assertEquals(List.of(1L, 2L, 3L, 4L), iterations());
    append(0, 1);
    assertEquals(List.of(1L), iterations());
  }

  @Test
  void linesThatMeanNothingAreSkipped() throws Exception {
    append(0, 1);
    Files.writeString(
        session.resolve("losses.csv"), "\0\0\0\n2,x,1,1\n2,5,NaN,1.5\n", StandardOpenOption.APPEND);
    assertEquals(List.of(1L, 2L), iterations());
  }
}
