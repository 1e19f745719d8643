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

  Padded(int size, int channels) {
    this.size = size;
    this.channels = channels;
    this.row = (size + 2 * MARGIN) * channels;
    this.values = new float[(size + 2 * MARGIN) * row];
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
    int inner = size * channels;
    for (int y = 0; y < size; y++) {
      System.arraycopy(image, y * inner, values, first() + y * row, inner);
    }
    return this;
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
