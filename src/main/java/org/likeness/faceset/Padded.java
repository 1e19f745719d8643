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
  private int bottom; // to here hold more than zeros, counted in the picture
  private int left; // and the columns from here
  private int right; // to here

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

  /** Copies {@code image} // (size, size, channels) inside the margin, and finds what is in it. */
  Padded put(float[] image) {
    int oldTop = top;
    int oldBottom = bottom;
    top = size;
    bottom = 0;
    left = size;
    right = 0;
    int inner = size * channels;
    for (int y = 0; y < size; y++) {
      int to = first() + y * row;
      int from = y * inner;
      int filled = Arrays.mismatch(image, from, from + inner, zeros, 0, inner);
      if (filled >= 0) {
        System.arraycopy(image, from, values, to, inner);
        top = Math.min(top, y);
        bottom = y + 1;
        left = Math.min(left, filled / channels);
        right = Math.max(right, right(image, from));
      } else if (y >= oldTop && y < oldBottom) {
        Arrays.fill(values, to, to + inner, 0f);
      }
    }
    return this;
  }

  private int right(float[] image, int from) {
    int end = size * channels;
    while (end > 0 && image[from + end - 1] == 0) {
      end--;
    }
    return (end + channels - 1) / channels;
  }

  /** The first row of the picture that holds more than zeros; none does if it is the size. */
  int top() {
    return top;
  }

  /** The end of such rows. */
  int bottom() {
    return bottom;
  }

  /** The first column that holds more than zeros. */
  int left() {
    return left;
  }

  /** The end of such columns. */
  int right() {
    return right;
  }

  /** Fills the margin. */
  Padded surround(Border border) {
    int before = MARGIN * channels;
    int after = before + size * channels;
    for (int y = MARGIN; y < MARGIN + size; y++) {
      int at = y * row;
      for (int i = 0; i < before; i++) {
        boolean zero = border == Border.ZERO;
        values[at + i] = zero ? 0 : values[at + before + i % channels];
        values[at + after + i] = zero ? 0 : values[at + after - channels + i % channels];
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
