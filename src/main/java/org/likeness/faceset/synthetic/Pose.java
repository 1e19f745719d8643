package org.likeness.faceset.synthetic;

/**
 * How a head is turned, in degrees: positive yaw points the nose to image left (the sign of spec
 * data.md 4.4), positive pitch looks up, positive roll tilts the head clockwise on screen.
 */
public record Pose(double yaw, double pitch, double roll) {

  /** Facing the camera. */
  public static final Pose FRONTAL = new Pose(0, 0, 0);

  /** Refuses turns at which the face is no longer seen. */
  public Pose {
    if (!(Math.abs(yaw) <= 75 && Math.abs(pitch) <= 45 && Math.abs(roll) <= 180)) {
      throw new IllegalArgumentException(
          "pose: yaw "
              + yaw
              + ", pitch "
              + pitch
              + ", roll "
              + roll
              + " exceeds 75, 45, 180 degrees");
    }
  }
}
