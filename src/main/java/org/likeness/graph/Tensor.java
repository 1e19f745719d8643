package org.likeness.graph;

/**
 * One immutable description of a value; its contents exist only on a device.
 *
 * @param id unique within a graph
 * @param name unique within a graph and stable across builds; persistent tensors are known by it
 */
public record Tensor(int id, String name, Shape shape, DType dtype, Role role) {
  /** Returns the bytes of the dense, unpadded contents. */
  public long bytes() {
    return shape.elements() * dtype.bytes();
  }

  /** By the id alone: planning asks often, and equal tensors have the same one. */
  @Override
  public int hashCode() {
    return id;
  }

  @Override
  public String toString() {
    return "%" + name + " " + shape + " " + dtype.name().toLowerCase(java.util.Locale.ROOT);
  }
}
