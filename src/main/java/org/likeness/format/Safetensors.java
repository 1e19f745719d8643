package org.likeness.format;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Writes safetensors files: the header lists tensors in the order given, their data lies by
 * descending element size so that each is aligned to its own elements.
 */
public final class Safetensors {
  private static final int CHUNK = 1 << 20;

  private Safetensors() {}

  /** Writes a new file (or over an old one) and forces it to the disk. */
  public static void write(Path path, Map<String, String> metadata, List<SafetensorsTensor> tensors)
      throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.WRITE,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      write(channel, metadata, tensors);
    }
  }

  /** Writes at the channel's position, forces data and size to the disk, and leaves it open. */
  public static void write(
      FileChannel channel, Map<String, String> metadata, List<SafetensorsTensor> tensors)
      throws IOException {
    List<SafetensorsTensor> layout = new ArrayList<>(tensors);
    layout.sort(Comparator.comparingInt(tensor -> -tensor.dtype().bytes()));
    writeAll(channel, header(metadata, tensors, layout));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment staging = arena.allocate(CHUNK);
      for (SafetensorsTensor tensor : layout) {
        long size = tensor.data().byteSize();
        for (long at = 0; at < size; at += CHUNK) {
          long bytes = Math.min(CHUNK, size - at);
          MemorySegment.copy(tensor.data(), at, staging, 0, bytes);
          writeAll(channel, staging.asSlice(0, bytes).asByteBuffer());
        }
      }
    }
    channel.force(true);
  }

  private static ByteBuffer header(
      Map<String, String> metadata,
      List<SafetensorsTensor> tensors,
      List<SafetensorsTensor> layout) {
    Map<String, Long> begins = new HashMap<>();
    long begin = 0;
    for (SafetensorsTensor tensor : layout) {
      begins.put(tensor.name(), begin);
      begin = Math.addExact(begin, tensor.data().byteSize());
    }
    StringBuilder json = new StringBuilder("{");
    if (!metadata.isEmpty()) {
      json.append("\"__metadata__\":{");
      metadata.forEach(
          (key, value) ->
              json.append(Json.quote(key)).append(':').append(Json.quote(value)).append(','));
      json.setCharAt(json.length() - 1, '}');
      json.append(',');
    }
    Set<String> names = new HashSet<>();
    for (SafetensorsTensor tensor : tensors) {
      if (!names.add(tensor.name()) || tensor.name().equals("__metadata__")) {
        throw new IllegalArgumentException("two tensors are named '" + tensor.name() + "'");
      }
      long at = begins.get(tensor.name());
      json.append(Json.quote(tensor.name()))
          .append(":{\"dtype\":\"")
          .append(tensor.dtype())
          .append("\",\"shape\":")
          .append(Arrays.toString(tensor.shape()).replace(" ", ""))
          .append(",\"data_offsets\":[")
          .append(at)
          .append(',')
          .append(at + tensor.data().byteSize())
          .append("]},");
    }
    if (json.length() > 1) {
      json.setLength(json.length() - 1);
    }
    byte[] text = json.append('}').toString().getBytes(StandardCharsets.UTF_8);
    int padded = (text.length + 7) & ~7;
    ByteBuffer header = ByteBuffer.allocate(8 + padded).order(ByteOrder.LITTLE_ENDIAN);
    header.putLong(padded).put(text);
    while (header.hasRemaining()) {
      header.put((byte) ' ');
    }
    return header.flip();
  }

  private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
