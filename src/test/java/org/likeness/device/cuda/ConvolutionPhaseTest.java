package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.likeness.graph.Window;

/** A dgrad's phases meet every pair of pixels that a tap joins, once, and no other. */
class ConvolutionPhaseTest {
  /** An input pixel, an output pixel and the tap that joins them, on one axis. */
  private record Meeting(int input, int output, int tap) implements Comparable<Meeting> {
    @Override
    public int compareTo(Meeting o) {
      return toString().compareTo(o.toString());
    }
  }

  @Test
  void dgradMeetsWhatForwardMeets() {
    for (int stride = 1; stride <= 3; stride++) {
      for (int dilation = 1; dilation <= 4; dilation++) {
        for (int kernel = 1; kernel <= 5; kernel++) {
          for (int before = 0; before <= 3; before++) {
            for (int inputs : new int[] {1, 2, 7, 8}) {
              Window window = new Window(stride, before, kernel, dilation);
              int outputs = window.outputSide(inputs, kernel);
              if (outputs > 0) {
                String what = window + ", kernel " + kernel + ", " + inputs + " inputs";
                Set<Meeting> forward = forward(window, kernel, inputs, outputs);
                assertEquals(forward, dgrad(window, kernel, inputs, outputs), what);
              }
            }
          }
        }
      }
    }
  }

  private static Set<Meeting> forward(Window window, int kernel, int inputs, int outputs) {
    ConvolutionPhase phase = ConvolutionPhase.forward(window, kernel, outputs);
    Set<Meeting> meetings = new TreeSet<>();
    for (int u = 0; u < phase.extent(); u++) {
      for (int t = 0; t < phase.taps(); t++) {
        int input = u * window.stride() + phase.origin() + t * window.dilation();
        if (input >= 0 && input < inputs) {
          meetings.add(new Meeting(input, phase.first() + u, phase.weight() + t));
        }
      }
    }
    return meetings;
  }

  private static Set<Meeting> dgrad(Window window, int kernel, int inputs, int outputs) {
    List<Meeting> meetings = new ArrayList<>();
    int pixels = 0;
    for (ConvolutionPhase phase : ConvolutionPhase.dgrad(window, kernel, inputs)) {
      pixels += phase.extent();
      for (int u = 0; u < phase.extent(); u++) {
        for (int t = 0; t < phase.taps(); t++) {
          int output = u + phase.origin() + t * ConvolutionPhase.tapStep(window);
          if (output >= 0 && output < outputs) {
            int tap = phase.weight() + t * ConvolutionPhase.weightStep(window);
            meetings.add(new Meeting(phase.first() + u * window.stride(), output, tap));
          }
        }
      }
    }
    assertEquals(inputs, pixels, "pixels of all phases");
    Set<Meeting> once = new TreeSet<>(meetings);
    assertEquals(meetings.size(), once.size(), "a pair met twice");
    return once;
  }

  @Test
  void anInverseDividesEveryTapOfAKernel() {
    for (int taps = 1; taps <= 40; taps++) {
      int inverse = new ConvolutionPhase(1, 0, 0, 0, taps).inverse();
      for (int n = 0; n < taps * taps; n++) {
        assertEquals(n / taps, n * inverse >> 16, n + " / " + taps);
      }
    }
  }
}
