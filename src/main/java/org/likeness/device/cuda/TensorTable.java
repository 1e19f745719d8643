package org.likeness.device.cuda;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import org.likeness.device.cuda.Launch.Argument.Struct;
import org.likeness.device.cuda.Launch.Grid;

/**
 * Tensors that one launch goes through, and their layout as {@code struct Table} of
 * src/main/cuda/update.cu: a launch's parameters end at 4 KiB, which is 80 tensors.
 */
record TensorTable(List<Row> rows) {
  private static final int MOST = 80;
  private static final int CHUNK = 8192;
  private static final int THREADS = 256;
  private static final int LONGS = 6;

  /** Copies the list and checks that it fits. */
  TensorTable {
    rows = List.copyOf(rows);
    assert !rows.isEmpty() && rows.size() <= MOST;
  }

  /**
   * One tensor.
   *
   * @param addresses of parameter, gradient and slots; 0 where there is none
   * @param stream of the tensor's random draws
   */
  record Row(List<Long> addresses, long elements, int stream) {
    /** Copies the list. */
    Row {
      addresses = List.copyOf(addresses);
    }

    long blocks() {
      return TensorTable.blocks(elements);
    }
  }

  /** Returns as few tables as hold all rows, in their order. */
  static List<TensorTable> of(List<Row> rows) {
    List<TensorTable> tables = new ArrayList<>();
    for (int from = 0; from < rows.size(); from += MOST) {
      tables.add(new TensorTable(rows.subList(from, Math.min(from + MOST, rows.size()))));
    }
    return tables;
  }

  /** Returns how many blocks go through a tensor. */
  static long blocks(long elements) {
    return (elements + CHUNK - 1) / CHUNK;
  }

  long blocks() {
    return rows.stream().mapToLong(Row::blocks).sum();
  }

  Grid grid() {
    return Grid.over(blocks() * THREADS, THREADS);
  }

  /** Returns the table as a kernel's parameter. */
  Struct struct() {
    long[] fields = new long[MOST * LONGS + 1];
    long first = 0;
    for (int i = 0; i < rows.size(); i++) {
      Row row = rows.get(i);
      for (int a = 0; a < row.addresses().size(); a++) {
        fields[i * LONGS + a] = row.addresses().get(a);
      }
      fields[i * LONGS + 4] = row.elements();
      fields[i * LONGS + 5] = first | (long) row.stream() << 32;
      first += row.blocks();
    }
    fields[MOST * LONGS] = rows.size();
    return new Struct(MemorySegment.ofArray(fields));
  }
}
