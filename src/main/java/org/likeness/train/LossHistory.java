package org.likeness.train;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The losses of every iteration, one line each: {@code
 * iteration,milliseconds,src,dst,waited,code,patch}. Losses are means over the batch, those of the
 * code and patch discriminators 0 where there is none; waited is the milliseconds among them that
 * no sample was ready for. Lines are only appended; a line torn by a kill is ignored, and resuming
 * from iteration N cuts off what came after it.
 */
final class LossHistory implements AutoCloseable {
  static final String FILE = "losses.csv";
  private static final long FLUSH_NANOS = 1_000_000_000;

  /**
   * Fields of a line, and of lines of earlier sessions: without discriminators, without waiting.
   */
  private static final Set<Integer> FIELDS = Set.of(7, 5, 4);

  /** One iteration's figures; {@code waited} are milliseconds too. */
  record Entry(long iteration, int milliseconds, Learner.Losses losses, float waited) {
    /** One without discriminators. */
    Entry(long iteration, int milliseconds, float src, float dst, float waited) {
      this(iteration, milliseconds, new Learner.Losses(src, dst), waited);
    }

    /** One that never waited. */
    Entry(long iteration, int milliseconds, float src, float dst) {
      this(iteration, milliseconds, src, dst, 0);
    }

    float src() {
      return losses.src();
    }

    float dst() {
      return losses.dst();
    }

    private String line() {
      return Stream.of(iteration, milliseconds, src(), dst(), waited, losses.code(), losses.patch())
          .map(Object::toString)
          .collect(Collectors.joining(",", "", "\n"));
    }

    private static Entry parse(String line) {
      String[] fields = line.split(",", -1);
      if (!FIELDS.contains(fields.length)) {
        return null;
      }
      try {
        float[] numbers = new float[7];
        for (int i = 2; i < fields.length; i++) {
          numbers[i] = Float.parseFloat(fields[i]);
        }
        return new Entry(
            Long.parseLong(fields[0]),
            Integer.parseInt(fields[1]),
            new Learner.Losses(numbers[2], numbers[3], numbers[5], numbers[6]),
            numbers[4]);
      } catch (NumberFormatException e) {
        return null;
      }
    }
  }

  private final Path file;
  private final FileChannel channel;
  private final List<Entry> entries;
  private final StringBuilder pending = new StringBuilder();
  private long flushed = System.nanoTime();

  private LossHistory(Path file, FileChannel channel, List<Entry> entries) {
    this.file = file;
    this.channel = channel;
    this.entries = entries;
  }

  /** Opens the history of a session that goes on from {@code iteration}. */
  static LossHistory open(Path session, long iteration) throws SessionException {
    Path file = session.resolve(FILE);
    try {
      Read read = readUpTo(file, iteration);
      FileChannel channel =
          FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      channel.truncate(read.bytes);
      channel.position(read.bytes);
      return new LossHistory(file, channel, read.entries);
    } catch (IOException e) {
      throw SessionException.at("cannot open the loss history", file, e);
    }
  }

  /** All readable lines, for whoever only looks. */
  static List<Entry> read(Path session) throws SessionException {
    Path file = session.resolve(FILE);
    try {
      return readUpTo(file, Long.MAX_VALUE).entries;
    } catch (IOException e) {
      throw SessionException.at("cannot read the loss history", file, e);
    }
  }

  private record Read(List<Entry> entries, long bytes) {}

  private static Read readUpTo(Path file, long iteration) throws IOException {
    List<Entry> entries = new ArrayList<>();
    long kept = 0;
    long at = 0;
    long last = 0;
    try (BufferedReader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      StringBuilder line = new StringBuilder();
      for (int c = reader.read(); c >= 0; c = reader.read()) {
        at++;
        if (c != '\n') {
          line.append((char) c);
          continue;
        }
        Entry entry = Entry.parse(line.toString());
        line.setLength(0);
        if (entry != null && entry.iteration > last && entry.iteration <= iteration) {
          entries.add(entry);
          last = entry.iteration;
          kept = at;
        }
      }
    } catch (NoSuchFileException e) {
      return new Read(entries, 0);
    }
    return new Read(entries, kept);
  }

  void append(Entry entry) throws SessionException {
    entries.add(entry);
    pending.append(entry.line());
    if (System.nanoTime() - flushed > FLUSH_NANOS) {
      flush();
    }
  }

  /** Every iteration so far, oldest first. */
  List<Entry> entries() {
    return entries;
  }

  /** Writes what is pending and forces it to the disk: before a checkpoint counts on it. */
  void sync() throws SessionException {
    flush();
    try {
      channel.force(true);
    } catch (IOException e) {
      throw SessionException.at("cannot write the loss history", file, e);
    }
  }

  private void flush() throws SessionException {
    ByteBuffer bytes = ByteBuffer.wrap(pending.toString().getBytes(StandardCharsets.US_ASCII));
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } catch (IOException e) {
      throw SessionException.at("cannot write the loss history", file, e);
    }
    pending.setLength(0);
    flushed = System.nanoTime();
  }

  @Override
  public void close() throws SessionException {
    try (channel) {
      flush();
    } catch (SessionException e) {
      throw e;
    } catch (IOException e) {
      throw SessionException.at("cannot close the loss history", file, e);
    }
  }
}
