package org.likeness.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file mapped into memory, its whole header checked before anything is allocated:
 * every byte of data belongs to exactly one tensor. Close it before renaming or deleting the file
 * (Windows).
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final long LONGEST_HEADER = 100_000_000; // the reference library's limit
  private static final int MOST_DIMENSIONS = 32;
  private static final String METADATA = "__metadata__";
  private static final Set<String> ENTRY_KEYS = Set.of("dtype", "shape", "data_offsets");

  private final Path path;
  private final Arena arena = Arena.ofShared();
  private Map<String, String> metadata = Map.of();
  private Map<String, SafetensorsTensor> tensors = Map.of();

  private SafetensorsFile(Path path) {
    this.path = path;
  }

  /** Maps and checks {@code path}; a FormatException names the file, the tensor and the fault. */
  public static SafetensorsFile open(Path path) throws IOException {
    SafetensorsFile file = new SafetensorsFile(path);
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      file.read(channel);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
    return file;
  }

  /** The header's free strings, in file order. */
  public Map<String, String> metadata() {
    return metadata;
  }

  /** Every tensor by name, in header order; valid until {@link #close}. */
  public Map<String, SafetensorsTensor> tensors() {
    return tensors;
  }

  /** The tensor of that name; a FormatException names the file when it has none. */
  public SafetensorsTensor tensor(String name) throws FormatException {
    SafetensorsTensor tensor = tensors.get(name);
    if (tensor == null) {
      throw refuse("it has no tensor '" + name + "'");
    }
    return tensor;
  }

  /** Unmaps the file; tensors read from it may no longer be touched. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }

  private void read(FileChannel channel) throws IOException {
    long fileSize = channel.size();
    if (fileSize < 8) {
      throw refuse("it has only " + fileSize + " bytes");
    }
    MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, fileSize, arena);
    long headerSize = file.get(JAVA_LONG_UNALIGNED, 0);
    if (headerSize < 2 || headerSize > LONGEST_HEADER || headerSize > fileSize - 8) {
      throw refuse("its header claims %d bytes of a file of %d".formatted(headerSize, fileSize));
    }
    Map<?, ?> header = parse(file.asSlice(8, headerSize));
    MemorySegment data = file.asSlice(8 + headerSize);
    Map<String, SafetensorsTensor> found = new LinkedHashMap<>();
    List<Range> ranges = new ArrayList<>();
    for (Map.Entry<?, ?> entry : header.entrySet()) {
      String name = (String) entry.getKey();
      if (name.equals(METADATA)) {
        metadata = strings(entry.getValue());
      } else {
        found.put(name, tensor(name, entry.getValue(), data, ranges));
      }
    }
    requireExactCover(ranges, data.byteSize());
    tensors = Collections.unmodifiableMap(found);
  }

  private record Range(String name, long begin, long end) {}

  private Map<?, ?> parse(MemorySegment header) throws FormatException {
    String text;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(header.toArray(JAVA_BYTE));
      text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw refuse("its header is not UTF-8 text");
    }
    Object value;
    try {
      value = Json.parse(text);
    } catch (FormatException e) {
      throw refuse("its header has " + e.getMessage());
    }
    if (!(value instanceof Map<?, ?> map)) {
      throw refuse("its header is not a JSON object");
    }
    return map;
  }

  private Map<String, String> strings(Object value) throws FormatException {
    if (!(value instanceof Map<?, ?> map)) {
      throw refuse("its " + METADATA + " is not a JSON object");
    }
    Map<String, String> strings = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (!(entry.getValue() instanceof String text)) {
        throw refuse("its " + METADATA + " '" + entry.getKey() + "' is not a string");
      }
      strings.put((String) entry.getKey(), text);
    }
    return Collections.unmodifiableMap(strings);
  }

  private SafetensorsTensor tensor(
      String name, Object value, MemorySegment data, List<Range> ranges) throws FormatException {
    if (!(value instanceof Map<?, ?> entry) || !entry.keySet().equals(ENTRY_KEYS)) {
      throw refuse(name, "is not described by dtype, shape and data_offsets");
    }
    Dtype dtype = dtype(name, entry.get("dtype"));
    long[] shape = longs(name, "shape", entry.get("shape"));
    long[] offsets = longs(name, "data_offsets", entry.get("data_offsets"));
    if (offsets.length != 2) {
      throw refuse(name, "needs two data_offsets, a begin and an end");
    }
    long begin = offsets[0];
    long end = offsets[1];
    if (begin > end || end > data.byteSize()) {
      throw refuse(
          name,
          "claims bytes %d to %d of the %d bytes of data".formatted(begin, end, data.byteSize()));
    }
    long size;
    try {
      size = SafetensorsTensor.byteSize(dtype, shape);
    } catch (ArithmeticException e) {
      throw refuse(name, "has a shape beyond 2^63 bytes");
    }
    if (size != end - begin) {
      throw refuse(name, "needs %d bytes by its shape but has %d".formatted(size, end - begin));
    }
    ranges.add(new Range(name, begin, end));
    return new SafetensorsTensor(name, dtype, shape, data.asSlice(begin, end - begin));
  }

  private Dtype dtype(String name, Object value) throws FormatException {
    for (Dtype dtype : Dtype.values()) {
      if (dtype.name().equals(value)) {
        return dtype;
      }
    }
    throw refuse(
        name,
        "has dtype " + FormatException.shown(String.valueOf(value)) + ", which is not supported");
  }

  private long[] longs(String name, String key, Object value) throws FormatException {
    if (!(value instanceof List<?> list) || list.size() > MOST_DIMENSIONS) {
      throw refuse(name, "has a " + key + " that is not a short list");
    }
    long[] longs = new long[list.size()];
    for (int i = 0; i < longs.length; i++) {
      if (!(list.get(i) instanceof Long number) || number < 0) {
        throw refuse(
            name, "has " + FormatException.shown(String.valueOf(list.get(i))) + " in its " + key);
      }
      longs[i] = number;
    }
    return longs;
  }

  private void requireExactCover(List<Range> ranges, long size) throws FormatException {
    ranges.sort(Comparator.comparingLong(Range::begin).thenComparingLong(Range::end));
    long end = 0;
    for (Range range : ranges) {
      if (range.begin() < end) {
        throw refuse(range.name(), "overlaps another tensor");
      }
      if (range.begin() > end) {
        throw refuse(
            range.name(), "begins %d bytes after the one before it".formatted(range.begin() - end));
      }
      end = range.end();
    }
    if (end != size) {
      throw refuse("it has %d bytes after its last tensor".formatted(size - end));
    }
  }

  private FormatException refuse(String tensor, String fault) {
    return refuse("its tensor '" + FormatException.shown(tensor) + "' " + fault);
  }

  private FormatException refuse(String fault) {
    return new FormatException(
        path + " is not a valid safetensors file: " + fault + "; restore it from a backup.");
  }
}
