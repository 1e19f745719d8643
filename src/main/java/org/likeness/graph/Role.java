package org.likeness.graph;

/** What a tensor is to the step, and with it the pool of memory that it lives in. */
public enum Role {
  /** Written by the host before each run. */
  FEED("activations"),
  /** A trained weight; survives runs. */
  PARAMETER("parameters"),
  /** State of an optimiser; survives runs. */
  SLOT("optimizer"),
  /** A slot that a device with memory of its own keeps in the host's; survives runs. */
  HOST_SLOT("host"),
  /** Made and used up inside one run. */
  VALUE("activations");

  private final String pool;

  Role(String pool) {
    this.pool = pool;
  }

  /** Returns the name of the memory pool that holds tensors of this role. */
  public String pool() {
    return pool;
  }

  /** Tells whether the tensor keeps its contents from one run to the next. */
  public boolean persistent() {
    return this == PARAMETER || this == SLOT || this == HOST_SLOT;
  }
}
