package org.likeness.faceset.synthetic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.likeness.faceset.synthetic.Identity.Nose;

class CastTest {
  @Test
  void aSeedIsAlwaysTheSamePerson() {
    assertEquals(Cast.random(5), Cast.random(5));
    assertNotEquals(Cast.random(5).skull(), Cast.random(6).skull());
  }

  @Test
  void everySeedGivesAValidPerson() {
    Set<Identity> people = new HashSet<>();
    for (int seed = 0; seed < 500; seed++) {
      people.add(Cast.random(seed)); // the records refuse what is out of range
    }
    assertEquals(500, people.size());
  }

  @Test
  void namesAreFoundInAnyCase() {
    assertEquals("ruth", Cast.named("Ruth").name());
    assertEquals(8, Cast.all().stream().map(Identity::name).distinct().count());
  }

  @Test
  void anUnknownNameIsAnsweredWithTheKnownOnes() {
    assertEquals(
        "there is no person 'bob': choose one of ruth, omar, mei, otto, nia, leo, ines, kofi",
        assertThrows(IllegalArgumentException.class, () -> Cast.named("bob")).getMessage());
  }

  @Test
  void shapesBeyondRecognitionAreRefused() {
    assertEquals(
        "identity nose: 2.0 is outside [-1.5, 1.5]",
        assertThrows(IllegalArgumentException.class, () -> new Nose(0, 2, 0, 0, 0)).getMessage());
    assertEquals(
        "identity nose: NaN is outside [-1.5, 1.5]",
        assertThrows(IllegalArgumentException.class, () -> new Nose(Double.NaN, 0, 0, 0, 0))
            .getMessage());
  }

  @Test
  void coloursMustBeRgb() {
    assertEquals(
        "identity eyes: colour 0x1000000 is not 0xRRGGBB",
        assertThrows(IllegalArgumentException.class, () -> new Identity.Eyes(0, 0, 0, 0, 0x1000000))
            .getMessage());
  }
}
