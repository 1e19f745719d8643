package org.likeness.format;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** What the few allowed functions of a pickle return: arrays, scalars, enumeration members. */
final class PickledArrays {
  private static final Set<String> TYPES =
      Set.of("f8", "f4", "f2", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "b1");
  private static final int MOST_DIMENSIONS = 32;

  private long copiesLeft; // bytes that may yet be allocated beyond the pickle itself

  /** A NumPy element type, its byte order set by BUILD. */
  private static final class ElementType {
    final String code;
    boolean bigEndian;

    ElementType(String code) {
      this.code = code;
    }
  }

  PickledArrays(long pickleSize) {
    copiesLeft = 4 * pickleSize;
  }

  Object call(PickleGlobal function, List<?> args) throws FormatException {
    return switch (function) {
      case RECONSTRUCT -> {
        if (args.size() != 3 || args.getFirst() != PickleGlobal.NDARRAY) {
          throw new FormatException("reconstructs what is not an array");
        }
        yield new NdArray();
      }
      case DTYPE -> elementType(args);
      case SCALAR -> scalar(args);
      case FROM_BUFFER -> fromBuffer(args);
      case ENCODE -> encode(args);
      case GETATTR -> member(args);
      case FACE_TYPE, SAMPLE_TYPE, POLYGON_TYPE -> {
        if (args.size() != 1 || !(args.getFirst() instanceof Long id)) {
          throw new FormatException("makes an enumeration member from what is not a number");
        }
        yield id;
      }
      case NDARRAY -> throw new FormatException("makes an array without its data");
    };
  }

  /** Applies BUILD's state: {@code (1, shape, dtype, fortran, data)} or {@code (3, order, ...)}. */
  void build(Object target, List<?> state) throws FormatException {
    switch (target) {
      case NdArray array when !array.filled() && state.size() == 5 -> {
        boolean fortran = Boolean.TRUE.equals(state.get(3)) || Long.valueOf(1).equals(state.get(3));
        fill(array, state.get(4), state.get(2), state.get(1), fortran);
      }
      case ElementType type
          when state.size() >= 2 && state.get(1) instanceof String order && order.length() == 1 -> {
        if ("<>=|".indexOf(order.charAt(0)) < 0
            || state.stream().anyMatch(List.class::isInstance)) {
          throw new FormatException("has an array of a compound type");
        }
        type.bigEndian = order.equals(">");
      }
      case null, default -> throw new FormatException("builds what is not an array");
    }
  }

  private static ElementType elementType(List<?> args) throws FormatException {
    if (args.isEmpty() || !(args.getFirst() instanceof String code) || !TYPES.contains(code)) {
      throw new FormatException(
          "has an array of type "
              + (!args.isEmpty() && args.getFirst() instanceof String code
                  ? FormatException.shown(code)
                  : "?")
              + ", which is not a plain number");
    }
    return new ElementType(code);
  }

  private Object scalar(List<?> args) throws FormatException {
    if (args.size() != 2 || !(args.getFirst() instanceof ElementType type)) {
      throw new FormatException("has a scalar without a type");
    }
    NdArray one = new NdArray();
    fill(one, args.get(1), type, List.of(), false);
    return switch (type.code.charAt(0)) {
      case 'f' -> one.doubleAt(0);
      case 'b' -> one.longAt(0) != 0;
      default -> one.longAt(0);
    };
  }

  private NdArray fromBuffer(List<?> args) throws FormatException {
    if (args.size() != 4) {
      throw new FormatException("has an array without its shape");
    }
    NdArray array = new NdArray();
    fill(array, args.get(0), args.get(1), args.get(2), "F".equals(args.get(3)));
    return array;
  }

  private void fill(NdArray array, Object data, Object type, Object shape, boolean fortran)
      throws FormatException {
    if (!(data instanceof MemorySegment bytes
        && type instanceof ElementType element
        && shape instanceof List<?> extents
        && extents.size() <= MOST_DIMENSIONS)) {
      throw new FormatException("has an array without plain data, type and shape");
    }
    long[] sizes = new long[extents.size()];
    for (int i = 0; i < sizes.length; i++) {
      if (!(extents.get(i) instanceof Long extent) || extent < 0) {
        throw new FormatException("has an array of negative size");
      }
      sizes[i] = extent;
    }
    try {
      array.fill(element.code, sizes, bytes);
    } catch (ArithmeticException | IllegalArgumentException e) {
      throw new FormatException("has an array whose shape does not fit its data");
    }
    int itemSize = NdArray.itemSize(element.code);
    if (fortran && sizes.length > 1) {
      bytes = transposed(bytes, sizes, itemSize);
    }
    if (element.bigEndian && itemSize > 1) {
      bytes = swapped(bytes, itemSize);
    }
    array.fill(element.code, sizes, bytes);
  }

  private byte[] allocate(long count) throws FormatException {
    copiesLeft -= count;
    if (copiesLeft < 0 || count > Integer.MAX_VALUE - 8) {
      throw new FormatException("expands to far more bytes than it has");
    }
    return new byte[(int) count];
  }

  /** Fortran order to C order: for each element in C order, finds it in the file. */
  private MemorySegment transposed(MemorySegment in, long[] shape, int itemSize)
      throws FormatException {
    byte[] out = allocate(in.byteSize());
    long[] index = new long[shape.length];
    for (int to = 0; to < out.length; to += itemSize) {
      long from = 0;
      for (int d = shape.length - 1; d >= 0; d--) {
        from = from * shape[d] + index[d];
      }
      MemorySegment.copy(in, JAVA_BYTE, from * itemSize, out, to, itemSize);
      for (int d = shape.length - 1; d >= 0 && ++index[d] == shape[d]; d--) {
        index[d] = 0;
      }
    }
    return MemorySegment.ofArray(out);
  }

  private MemorySegment swapped(MemorySegment in, int itemSize) throws FormatException {
    byte[] out = allocate(in.byteSize());
    for (int i = 0; i < out.length; i++) {
      out[i] = in.get(JAVA_BYTE, i - i % itemSize + itemSize - 1 - i % itemSize);
    }
    return MemorySegment.ofArray(out);
  }

  /** Python 3 writes bytes in protocol 2 as {@code _codecs.encode(text, 'latin1')}. */
  private MemorySegment encode(List<?> args) throws FormatException {
    if (args.size() != 2
        || !(args.get(0) instanceof String text)
        || !"latin1".equals(args.get(1))) {
      throw new FormatException("encodes text as something else than latin1");
    }
    allocate(text.length());
    return MemorySegment.ofArray(text.getBytes(StandardCharsets.ISO_8859_1)).asReadOnly();
  }

  private static Long member(List<?> args) throws FormatException {
    if (args.size() != 2
        || !(args.get(0) instanceof PickleGlobal type && type.isEnumeration())
        || !(args.get(1) instanceof String name)) {
      throw new FormatException("takes an attribute of something else than an enumeration");
    }
    return type.member(name);
  }
}
