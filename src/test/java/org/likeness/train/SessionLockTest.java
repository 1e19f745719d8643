package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SessionLockTest {
  @TempDir Path session;

  @Test
  void keepsTwoTrainersApart() throws Exception {
    try (SessionLock first = SessionLock.take(session)) {
      String message =
          "session %s is in use by process %d; stop that one or choose another --session"
              .formatted(session, ProcessHandle.current().pid());
      assertEquals(
          message,
          assertThrows(SessionException.class, () -> SessionLock.take(session)).getMessage());
    }
    SessionLock.take(session).close();
  }

  @Test
  void aMissingFolderIsSaid() {
    Path none = session.resolve("none");
    assertEquals(
        "cannot open the session: there is no " + none.resolve("lock"),
        assertThrows(SessionException.class, () -> SessionLock.take(none)).getMessage());
  }
}
