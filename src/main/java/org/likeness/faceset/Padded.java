package org.likeness.faceset;

import java.util.Arrays;
import org.likeness.faceset.Resampler.Border;

/**
 * A square picture // (size, size, channels) with a margin that stands for what lies outside: the
 * four taps of a cubic kernel read it without asking where they are.
 */
final class Padded {
  /** Pixels on each side: four taps fit beside the picture. */
  static final int MARGIN = 4;

  private final int size;
  private final int channels;
  private final int row; // values from one row to the next
  private final float[] values; // (size + 2 MARGIN, size + 2 MARGIN, channels)
  private final float[] zeros; // (size, channels)
  private int top; // the rows from here
  private int bottom; // to here hold more than zeros, within the margin

  Padded(int size, int channels) {
    this.size = size;
    this.channels = channels;
    this.row = (size + 2 * MARGIN) * channels;
    this.values = new float[(size + 2 * MARGIN) * row];
    this.zeros = new float[size * channels];
  }

  float[] values() {
    return values;
  }

  int channels() {
    return channels;
  }

  /** Values from one row to the next. */
  int row() {
    return row;
  }

  /** Where the picture begins. */
  int first() {
    return MARGIN * (row + channels);
  }

  /** Copies {@code image} // (size, size, channels) inside the margin. */
  Padded put(float[] image) {
    int oldTop = top;
    int oldBottom = bottom;
    top = size;
    bottom = 0;
    int inner = size * channels;
    for (int y = 0; y < size; y++) {
      int to = first() + y * row;
      int from = y * inner;
      if (Arrays.mismatch(image, from, from + inner, zeros, 0, inner) >= 0) {
        System.arraycopy(image, from, values, to, inner);
        top = Math.min(top, y);
        bottom = y + 1;
      } else if (y >= oldTop && y < oldBottom) {
        Arrays.fill(values, to, to + inner, 0f);
      }
    }
    return this;
  }

  /** Whether rows {@code from} to {@code to}, counted with the margin, hold zeros alone. */
  boolean isZero(int from, int to) {
    return to < MARGIN + top || from >= MARGIN + bottom;
  }

  /** Fills the margin. */
  Padded surround(Border border) {
    int left = MARGIN * channels;
    int right = left + size * channels;
    for (int y = MARGIN; y < MARGIN + size; y++) {
      int at = y * row;
      for (int i = 0; i < left; i++) {
        boolean zero = border == Border.ZERO;
        values[at + i] = zero ? 0 : values[at + left + i % channels];
        values[at + right + i] = zero ? 0 : values[at + right - channels + i % channels];
      }
    }
    for (int y = 0; y < MARGIN; y++) {
      edge(border, MARGIN, y);
      edge(border, MARGIN + size - 1, MARGIN + size + y);
    }
    return this;
  }

  private void edge(Border border, int from, int to) {
    if (border == Border.ZERO) {
      Arrays.fill(values, to * row, (to + 1) * row, 0);
    } else {
      System.arraycopy(values, from * row, values, to * row, row);
    }
  }
}
