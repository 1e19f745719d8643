package org.likeness.device.cuda;

import java.util.ArrayDeque;
import java.util.Deque;

/** What something owns, closed in reverse order: all of it, even when closing one of them fails. */
final class Owned implements AutoCloseable {
  private final Deque<AutoCloseable> resources = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T resource) {
    resources.push(resource);
    return resource;
  }

  /** Closes everything because {@code cause} happened, and returns it to be thrown. */
  RuntimeException closeAfter(RuntimeException cause) {
    try {
      close();
    } catch (RuntimeException e) {
      cause.addSuppressed(e);
    }
    return cause;
  }

  @Override
  public void close() {
    RuntimeException first = null;
    while (!resources.isEmpty()) {
      try {
        resources.pop().close();
      } catch (RuntimeException e) {
        first = first == null ? e : first;
      } catch (Exception e) {
        throw new IllegalStateException(e); // none of ours throws a checked one
      }
    }
    if (first != null) {
      throw first;
    }
  }
}
