package org.likeness.faceset.synthetic;

/** What a surface is made of: how the shader lights it and whether it belongs to the face mask. */
enum Material {
  SKIN(false, true),
  EYE(false, true),
  LID(true, true),
  LASH(true, true),
  TEETH(true, true),
  FLESH(true, true),
  EAR(true, false),
  HAIR(true, false),
  BEARD(true, true),
  GLASSES(true, false);

  final boolean twoSided;
  final boolean face;

  Material(boolean twoSided, boolean face) {
    this.twoSided = twoSided;
    this.face = face;
  }
}
