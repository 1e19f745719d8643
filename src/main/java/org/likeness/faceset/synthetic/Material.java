package org.likeness.faceset.synthetic;

/** What a surface is made of: decides how the shader lights it and whether it is part of the face. */
enum Material {
  SKIN,
  EYE,
  LID,
  LASH,
  TEETH,
  FLESH,
  EAR,
  HAIR,
  BEARD,
  GLASSES
}
