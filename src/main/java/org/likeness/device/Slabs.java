package org.likeness.device;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/**
 * Memory that the programs of one state share, because they run in turns: who needs no more than is
 * there borrows it, and the last to give a piece back closes it.
 *
 * @param <M> a piece of the device's memory, whose close throws no checked exception
 */
public final class Slabs<M extends AutoCloseable> {
  private final LongFunction<M> allocate;
  private final ToLongFunction<M> size;
  private final List<Loan> loans = new ArrayList<>();

  /** Takes how to allocate so many bytes, and how many a piece has. */
  public Slabs(LongFunction<M> allocate, ToLongFunction<M> size) {
    this.allocate = allocate;
    this.size = size;
  }

  /** One program's right to a piece, until it is closed. */
  public final class Loan implements AutoCloseable {
    private final M memory;
    private final boolean fresh;

    private Loan(M memory, boolean fresh) {
      this.memory = memory;
      this.fresh = fresh;
    }

    /** Tells whether the piece was allocated for this loan. */
    public boolean fresh() {
      return fresh;
    }

    /** Returns the piece, of the bytes that were asked for or more. */
    public M memory() {
      return memory;
    }

    @Override
    public void close() {
      if (loans.remove(this) && loans.stream().noneMatch(loan -> loan.memory == memory)) {
        try {
          memory.close();
        } catch (RuntimeException e) {
          throw e;
        } catch (Exception e) {
          throw new IllegalStateException(e); // the class comment rules it out
        }
      }
    }
  }

  /** Lends memory of so many bytes at least. */
  public Loan borrow(long bytes) {
    for (Loan loan : loans) {
      if (size.applyAsLong(loan.memory) >= bytes) {
        return lend(loan.memory, false);
      }
    }
    return lend(allocate.apply(bytes), true);
  }

  private Loan lend(M memory, boolean fresh) {
    Loan loan = new Loan(memory, fresh);
    loans.add(loan);
    return loan;
  }
}
