package org.likeness.format;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** Protocol 4 opcodes of plain values, unframed and without a memo: both are optional. */
final class PickleWriter {
  private static final int DEEPEST = 100;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] write(Object value) {
    op(0x80).op(4).value(value, 0);
    op('.');
    return out.toByteArray();
  }

  private PickleWriter op(int opcode) {
    out.write(opcode);
    return this;
  }

  private void value(Object value, int depth) {
    if (depth > DEEPEST) {
      throw new IllegalArgumentException("a value nested deeper than " + DEEPEST);
    }
    switch (value) {
      case null -> op('N');
      case Boolean b -> op(b ? 0x88 : 0x89);
      case Integer i -> integer(i);
      case Long l -> integer(l);
      case Float f -> op('G').raw(f.doubleValue());
      case Double d -> op('G').raw(d);
      case String s -> text(s);
      case byte[] b -> bytes(b);
      case NdArray array -> array(array);
      case PickledMember member -> {
        global(member.module(), member.enumeration());
        integer(member.number());
        op(0x85).op('R');
      }
      case PickledTuple tuple -> {
        op('(');
        tuple.values().forEach(item -> value(item, depth + 1));
        op('t');
      }
      case List<?> list -> {
        op(']').op('(');
        list.forEach(item -> value(item, depth + 1));
        op('e');
      }
      case Map<?, ?> map -> {
        op('}').op('(');
        map.forEach(
            (key, item) -> {
              value(key, depth + 1);
              value(item, depth + 1);
            });
        op('u');
      }
      default ->
          throw new IllegalArgumentException("no pickle for a " + value.getClass().getName());
    }
  }

  private void integer(long value) {
    if (value == (int) value) {
      op('J').little(4, value);
    } else {
      op(0x8a).op(8).little(8, value);
    }
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op('X').little(4, utf8.length);
    out.writeBytes(utf8);
  }

  private void bytes(byte[] bytes) {
    op('B').little(4, bytes.length);
    out.writeBytes(bytes);
  }

  private void array(NdArray array) {
    global("numpy.core.multiarray", "_reconstruct");
    global("numpy", "ndarray");
    integer(0);
    op(0x85);
    bytes(new byte[] {'b'});
    op(0x87).op('R');
    op('(');
    integer(1);
    op('(');
    for (long extent : array.shape()) {
      integer(extent);
    }
    op('t');
    global("numpy", "dtype");
    text(array.type());
    op(0x89).op(0x88).op(0x87).op('R').op('(');
    integer(3);
    text(NdArray.itemSize(array.type()) == 1 ? "|" : "<");
    op('N').op('N').op('N');
    integer(-1);
    integer(-1);
    integer(0);
    op('t').op('b').op(0x89);
    bytes(array.bytes());
    op('t').op('b');
  }

  private void global(String module, String name) {
    text(module);
    text(name);
    op(0x93);
  }

  private void raw(double value) {
    out.writeBytes(ByteBuffer.allocate(8).putDouble(value).array());
  }

  private void little(int bytes, long value) {
    byte[] all = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    out.write(all, 0, bytes);
  }
}
