package org.likeness.faceset.synthetic;

/**
 * A square frame and where the head sits in it: frame side in pixels, pixels per millimetre at the
 * head, and the pixel at which the middle of the skull base appears.
 */
public record Camera(int frame, double scale, double centreX, double centreY) {
  static final double DISTANCE = 900; // mm from the lens to the pivot

  /** Refuses frames outside [64, 4096] and scales that are not positive. */
  public Camera {
    if (frame < 64 || frame > 4096 || !(scale > 0)) {
      throw new IllegalArgumentException(
          "camera: frame " + frame + " (64 to 4096 pixels), scale " + scale + " (above 0)");
    }
  }

  /** A head and shoulders view in the middle of a frame. */
  public static Camera portrait(int frame) {
    return new Camera(frame, frame / 400.0, frame * 0.5, frame * 0.5);
  }
}
