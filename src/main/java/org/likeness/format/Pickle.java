package org.likeness.format;

import java.lang.foreign.MemorySegment;

/**
 * Python pickles as DeepFaceLab writes them, read without executing anything (spec data.md 1.6).
 * Values: null, Boolean, Long, Double, String, {@link MemorySegment} (bytes), {@link NdArray}, List
 * (list or tuple) and insertion-ordered Map.
 */
public final class Pickle {
  private Pickle() {}

  /**
   * Reads one pickle of protocol 2 to 5; what follows it is ignored. A FormatException's message is
   * a predicate ("refers to os.system, which no DeepFaceLab file needs") for the caller to prefix
   * with the file.
   */
  public static Object read(MemorySegment bytes) throws FormatException {
    return new PickleReader(bytes).read();
  }

  /** {@link #read(MemorySegment)} of an array. */
  public static Object read(byte[] bytes) throws FormatException {
    return read(MemorySegment.ofArray(bytes));
  }

  /**
   * Protocol 4 bytes of null, Boolean, Integer, Long, Float, Double, String, byte[], {@link
   * NdArray}, {@link PickledMember}, List and Map, nested at most 100 deep; arrays carry the names
   * of NumPy 1, which every version reads.
   */
  public static byte[] write(Object value) {
    return new PickleWriter().write(value);
  }
}
