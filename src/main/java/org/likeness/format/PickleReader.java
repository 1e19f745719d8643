package org.likeness.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_DOUBLE_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_LONG_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The stack machine of one pickle. Every length is checked against what is left before it is used.
 */
final class PickleReader {
  private static final int DEEPEST = 100;
  private static final int TALLEST_STACK = 1_000_000;
  private static final int MOST_MEMOS = 20_000_000;
  private static final ValueLayout.OfDouble DOUBLE_BIG =
      JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

  private final MemorySegment in;
  private long at;
  private long opcodes;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final List<Object> memo = new ArrayList<>();
  private final Map<Long, Object> sparseMemo = new HashMap<>();
  private final PickledArrays arrays;

  PickleReader(MemorySegment in) {
    this.in = in;
    this.arrays = new PickledArrays(in.byteSize());
  }

  Object read() throws FormatException {
    int opcode;
    while ((opcode = u1()) != '.') {
      opcodes++;
      step(opcode);
      if (stack.size() > TALLEST_STACK) {
        throw new FormatException("piles up more than " + TALLEST_STACK + " values");
      }
    }
    Object value = pop();
    if (opcodes == 0 || !stack.isEmpty() || !marks.isEmpty()) {
      throw new FormatException("ends with values left over");
    }
    new Walk(2 * opcodes + 10_000).visit(value, 0);
    return value;
  }

  private void step(int opcode) throws FormatException {
    switch (opcode) {
      case 0x80 -> protocol(u1());
      case 0x95 -> skip(i8());
      case '}' -> push(new LinkedHashMap<>());
      case ']' -> push(new ArrayList<>(0));
      case ')' -> push(List.of());
      case '(' -> mark();
      case 'a' -> append(Collections.singletonList(pop()));
      case 'e' -> append(popToMark());
      case 's' -> setItems(popLast(2));
      case 'u' -> setItems(popToMark());
      case 't' -> push(tuple(popToMark()));
      case 0x85, 0x86, 0x87 -> push(tuple(popLast(opcode - 0x84)));
      case 0x8c -> push(text(u1()));
      case 'X' -> push(text(u4()));
      case 0x8d -> push(text(i8()));
      case 'C' -> push(bytes(u1()));
      case 'B' -> push(bytes(u4()));
      case 0x8e, 0x96 -> push(bytes(i8()));
      case 'K' -> push((long) u1());
      case 'M' -> push((long) u2());
      case 'J' -> push((long) i4());
      case 0x8a -> push(integer(u1()));
      case 0x8b -> push(integer(i4()));
      case 'G' -> push(in.get(DOUBLE_BIG, take(8)));
      case 'N' -> push(null);
      case 0x88 -> push(true);
      case 0x89 -> push(false);
      case 'q' -> remember(u1());
      case 'r' -> remember(u4());
      case 0x94 -> remember(memo.size());
      case 'h' -> recall(u1());
      case 'j' -> recall(u4());
      case 'c' -> push(PickleGlobal.named(line(), line()));
      case 0x93 -> stackGlobal();
      case 'R', 0x81 -> reduce();
      case 'b' -> build();
      default ->
          throw new FormatException(
              "uses the opcode 0x%02x, which no DeepFaceLab file needs".formatted(opcode));
    }
  }

  private static void protocol(int number) throws FormatException {
    if (number > 5) {
      throw new FormatException("has protocol " + number + ", newer than the 5 that exist");
    }
  }

  // ---- bytes

  private long take(long count) throws FormatException {
    if (count < 0 || count > in.byteSize() - at) {
      throw new FormatException(
          "claims %s bytes where %d are left"
              .formatted(Long.toUnsignedString(count), in.byteSize() - at));
    }
    long start = at;
    at += count;
    return start;
  }

  private void skip(long frame) throws FormatException {
    long start = take(frame);
    at = start; // a frame's opcodes follow; only its length is skipped
  }

  private int u1() throws FormatException {
    if (at >= in.byteSize()) {
      throw new FormatException("ends early");
    }
    return in.get(JAVA_BYTE, at++) & 0xff;
  }

  private int u2() throws FormatException {
    return in.get(JAVA_SHORT_UNALIGNED, take(2)) & 0xffff;
  }

  private int i4() throws FormatException {
    return in.get(JAVA_INT_UNALIGNED, take(4));
  }

  private long u4() throws FormatException {
    return i4() & 0xffffffffL;
  }

  private long i8() throws FormatException {
    return in.get(JAVA_LONG_UNALIGNED, take(8));
  }

  private MemorySegment bytes(long count) throws FormatException {
    return in.asSlice(take(count), count).asReadOnly();
  }

  private String text(long count) throws FormatException {
    long start = take(count);
    if (count > Integer.MAX_VALUE - 8) {
      throw new FormatException("holds a text of " + count + " bytes");
    }
    return new String(in.asSlice(start, count).toArray(JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private String line() throws FormatException {
    StringBuilder line = new StringBuilder();
    for (int c = u1(); c != '\n'; c = u1()) {
      if (line.length() == 256) {
        throw new FormatException("has a name of more than 256 bytes");
      }
      line.append((char) c);
    }
    return line.toString();
  }

  /** Two's complement, little-endian, of any length; its value must fit 64 bits. */
  private Long integer(long count) throws FormatException {
    long start = take(count);
    long sign = count == 0 ? 0 : in.get(JAVA_BYTE, start + count - 1) >> 7;
    long value = sign;
    for (long i = count - 1; i >= 0; i--) {
      long digit = in.get(JAVA_BYTE, start + i) & 0xff;
      if (i >= 8 ? digit != (sign & 0xff) : i == 7 && (byte) digit >> 7 != sign) {
        throw new FormatException("holds an integer of more than 64 bits");
      }
      value = i >= 8 ? value : value << 8 | digit;
    }
    return value;
  }

  // ---- stack

  private void push(Object value) {
    stack.add(value);
  }

  private int floor() {
    return marks.isEmpty() ? 0 : marks.getLast();
  }

  private Object pop() throws FormatException {
    Object value = top();
    stack.removeLast();
    return value;
  }

  private Object top() throws FormatException {
    if (stack.size() <= floor()) {
      throw new FormatException("takes a value from an empty stack");
    }
    return stack.getLast();
  }

  private void mark() throws FormatException {
    if (marks.size() == DEEPEST) {
      throw new FormatException("is nested deeper than " + DEEPEST);
    }
    marks.add(stack.size());
  }

  private List<Object> popToMark() throws FormatException {
    if (marks.isEmpty()) {
      throw new FormatException("closes what it never opened");
    }
    List<Object> values = popLast(stack.size() - floor());
    marks.removeLast();
    return values;
  }

  private List<Object> popLast(int count) throws FormatException {
    if (stack.size() - floor() < count) {
      throw new FormatException("takes a value from an empty stack");
    }
    List<Object> last = stack.subList(stack.size() - count, stack.size());
    List<Object> values = Arrays.asList(last.toArray());
    last.clear();
    return values;
  }

  private static List<Object> tuple(List<Object> values) {
    return Collections.unmodifiableList(values);
  }

  private void append(List<Object> values) throws FormatException {
    if (!(top() instanceof ArrayList<?>)) {
      throw new FormatException("appends to what is not a list");
    }
    @SuppressWarnings("unchecked") // only this class makes them
    List<Object> list = (List<Object>) top();
    list.addAll(values);
  }

  private void setItems(List<Object> values) throws FormatException {
    if (!(top() instanceof LinkedHashMap<?, ?>) || values.size() % 2 != 0) {
      throw new FormatException("sets entries of what is not a dictionary");
    }
    @SuppressWarnings("unchecked") // only this class makes them
    Map<Object, Object> map = (Map<Object, Object>) top();
    for (int i = 0; i < values.size(); i += 2) {
      Object key = values.get(i);
      if (!(key instanceof String || key instanceof Number || key instanceof Boolean)) {
        throw new FormatException("has a dictionary key that is neither text nor number");
      }
      map.put(key, values.get(i + 1));
    }
  }

  private void remember(long index) throws FormatException {
    Object value = top();
    if (memo.size() + sparseMemo.size() >= MOST_MEMOS) {
      throw new FormatException("remembers more than " + MOST_MEMOS + " values");
    }
    if (index < memo.size()) {
      memo.set((int) index, value);
    } else if (index == memo.size()) {
      memo.add(value);
    } else {
      sparseMemo.put(index, value);
    }
  }

  private void recall(long index) throws FormatException {
    if (index < memo.size()) {
      push(memo.get((int) index));
    } else if (sparseMemo.containsKey(index)) {
      push(sparseMemo.get(index));
    } else {
      throw new FormatException("recalls value " + index + ", which it never stored");
    }
  }

  // ---- objects

  private void stackGlobal() throws FormatException {
    List<Object> names = popLast(2);
    if (!(names.get(0) instanceof String module && names.get(1) instanceof String name)) {
      throw new FormatException("names an object by what is not text");
    }
    push(PickleGlobal.named(module, name));
  }

  private void reduce() throws FormatException {
    List<Object> call = popLast(2);
    if (!(call.get(0) instanceof PickleGlobal function && call.get(1) instanceof List<?> args)) {
      throw new FormatException("calls what is not a function");
    }
    push(arrays.call(function, args));
  }

  private void build() throws FormatException {
    Object state = pop();
    if (!(state instanceof List<?> fields)) {
      throw new FormatException("builds an object from what is not a tuple");
    }
    arrays.build(top(), fields);
  }

  /**
   * Refuses values that are huge once shared parts are counted each time, cyclic, or unfinished.
   */
  private static final class Walk {
    private long left;

    Walk(long left) {
      this.left = left;
    }

    void visit(Object value, int depth) throws FormatException {
      if (--left < 0 || depth > DEEPEST) {
        throw new FormatException("expands to far more values than it has bytes");
      }
      switch (value) {
        case Map<?, ?> map -> {
          for (Object item : map.values()) {
            visit(item, depth + 1);
          }
        }
        case List<?> list -> {
          for (Object item : list) {
            visit(item, depth + 1);
          }
        }
        case NdArray array when array.filled() -> {}
        case Number _, String _, Boolean _, MemorySegment _ -> {}
        case null -> {}
        default -> throw new FormatException("holds an unfinished array");
      }
    }
  }
}
