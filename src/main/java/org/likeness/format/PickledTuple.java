package org.likeness.format;

import java.util.List;

/** A Python tuple to be written; read back it is a List, as tuples and lists alike are. */
public record PickledTuple(List<?> values) {
  /** A tuple of these. */
  public PickledTuple {
    values = List.copyOf(values);
  }
}
