package org.likeness.faceset;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.likeness.format.FormatException;

/**
 * Where the segments of a JPEG lie. Tolerant where DeepFaceLab's own walk is not (restart
 * intervals, JFXX, trailing bytes: spec data.md 1.2 and 11.2), strict about files that are cut off.
 */
record JpegLayout(int width, int height, int components, int lastAppEnd, List<Segment> app15) {
  /**
   * Bytes of one segment: {@code begin} at its FF, payload from {@code begin + 4} to {@code end}.
   */
  record Segment(int begin, int end) {}

  private static final byte[] PNG = "\u0089PNG".getBytes(StandardCharsets.ISO_8859_1);

  /** A FormatException's message is a predicate about the file. */
  static JpegLayout of(byte[] file) throws FormatException {
    return new Walk(file).walk();
  }

  private static final class Walk {
    private final byte[] file;
    private int at = 2;
    private int width;
    private int height;
    private int components;
    private int lastAppEnd = 2;
    private final List<Segment> app15 = new ArrayList<>();

    Walk(byte[] file) {
      this.file = file;
    }

    JpegLayout walk() throws FormatException {
      if (file.length == 0) {
        throw new FormatException("is empty");
      }
      if (file.length < 2 || u1(0) != 0xff || u1(1) != 0xd8) {
        boolean png = file.length > 4 && Arrays.equals(Arrays.copyOf(file, 4), PNG);
        throw new FormatException(
            png ? "is a PNG: DeepFaceLab's aligned faces are JPGs" : "is not a JPG");
      }
      for (int marker = marker(); marker != 0xd9; marker = marker()) {
        boolean standalone = marker == 0x01 || (marker >= 0xd0 && marker <= 0xd8);
        if (!standalone) {
          segment(marker);
        }
      }
      if (width == 0 || height == 0) {
        throw new FormatException("holds no picture");
      }
      return new JpegLayout(width, height, components, lastAppEnd, app15);
    }

    private int marker() throws FormatException {
      if (at >= file.length) {
        throw cutOff();
      }
      if (u1(at) != 0xff) {
        throw new FormatException("is damaged at byte " + at);
      }
      while (at < file.length && u1(at) == 0xff) {
        at++;
      }
      if (at >= file.length) {
        throw cutOff();
      }
      return u1(at++);
    }

    private void segment(int marker) throws FormatException {
      int begin = at - 2;
      if (at + 2 > file.length || at + u2(at) > file.length) {
        throw cutOff();
      }
      int length = u2(at);
      if (length < 2) {
        throw new FormatException("is damaged at byte " + at);
      }
      int end = at + length;
      boolean frame = marker == 0xc0 || (marker > 0xc0 && marker <= 0xcf && marker % 4 != 0);
      if (frame && length >= 8) {
        height = u2(at + 3);
        width = u2(at + 5);
        components = u1(at + 7);
      }
      if (marker >= 0xe0 && marker <= 0xef) {
        lastAppEnd = end;
      }
      if (marker == 0xef) {
        app15.add(new Segment(begin, end));
      }
      at = end;
      if (marker == 0xda) {
        skipScan();
      }
    }

    /**
     * To the next marker: in a scan FF is followed by 00 or a restart marker, else the scan ends.
     */
    private void skipScan() throws FormatException {
      for (; at + 1 < file.length; at++) {
        if (u1(at) == 0xff) {
          int next = u1(at + 1);
          if (next != 0 && next != 0xff && (next < 0xd0 || next > 0xd7)) {
            return;
          }
        }
      }
      throw cutOff();
    }

    private static FormatException cutOff() {
      return new FormatException("is cut off: it ends before its picture does");
    }

    private int u1(int i) {
      return file[i] & 0xff;
    }

    private int u2(int i) {
      return u1(i) << 8 | u1(i + 1);
    }
  }
}
