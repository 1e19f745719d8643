package org.likeness.faceset.synthetic;

/** What a surface is made of: how the shader lights it and whether it belongs to the face mask. */
enum Material {
  SKIN(false, true, 1),
  EYE(false, true, 4),
  LID(true, true, 4),
  LASH(true, true, 4),
  TEETH(true, true, 4),
  FLESH(true, true, 4),
  EAR(true, false, 1),
  HAIR(false, false, 2),
  LOOSE_HAIR(true, false, 2),
  BEARD(true, true, 2),
  GLASSES(true, false, 4);

  final boolean twoSided;
  final boolean face;
  final int shades; // samples of a pixel to light where all see the same part: 1, 2 or 4

  Material(boolean twoSided, boolean face, int shades) {
    this.twoSided = twoSided;
    this.face = face;
    this.shades = shades;
  }
}
