package org.likeness.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second trainer out of a session; the system lets go of it when the process dies. */
final class SessionLock implements AutoCloseable {
  static final String FILE = "lock";

  /** Far beyond the text: on Windows nobody else can read the locked bytes. */
  private static final long POSITION = Long.MAX_VALUE - 1;

  private final FileChannel channel;

  private SessionLock(FileChannel channel) {
    this.channel = channel;
  }

  static SessionLock take(Path session) throws SessionException {
    Path file = session.resolve(FILE);
    FileChannel channel = null;
    try {
      channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      if (tryLock(channel) == null) {
        channel.close();
        throw new SessionException(
            "session %s is in use by process %s; stop that one or choose another --session"
                .formatted(session, owner(file)));
      }
      String process = Long.toString(ProcessHandle.current().pid());
      channel.truncate(0);
      channel.write(ByteBuffer.wrap(process.getBytes(StandardCharsets.UTF_8)), 0);
      return new SessionLock(channel);
    } catch (IOException e) {
      closeQuietly(channel);
      throw SessionException.at("cannot open the session", session, e);
    }
  }

  private static FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock(POSITION, 1, false);
    } catch (OverlappingFileLockException e) {
      return null; // this very process holds it
    }
  }

  private static String owner(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "unknown";
    }
  }

  private static void closeQuietly(FileChannel channel) {
    if (channel != null) {
      try {
        channel.close();
      } catch (IOException e) {
        // nothing was written through it
      }
    }
  }

  @Override
  public void close() {
    closeQuietly(channel);
  }
}
