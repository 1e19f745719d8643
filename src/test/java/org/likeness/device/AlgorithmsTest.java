package org.likeness.device;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlgorithmsTest {
  private static final Map<String, String> CUDNN = Map.of("cuDNN", "9.10.2");
  private static final Algorithms SAVED =
      new Algorithms(
          CUDNN, Map.of("a", "cuDNN/eng1", "b", "f32_64x64/1", "c", "cuDNN+epilogue/eng2"));

  @Test
  void nothingIsSaidWhereAllIsAlike() {
    assertEquals(Optional.empty(), SAVED.difference(SAVED));
    assertEquals(Optional.empty(), Algorithms.NONE.difference(SAVED));
    Algorithms ours = new Algorithms(CUDNN, Map.of("b", "f32_64x64/1"));
    Algorithms oursWithout = new Algorithms(Map.of(), Map.of("b", "f32_64x64/1"));
    assertEquals(Optional.empty(), ours.difference(oursWithout));
  }

  @Test
  void shapesThatOnlyOneKnowsDoNotCount() {
    assertEquals(Optional.empty(), SAVED.difference(new Algorithms(CUDNN, Map.of("d", "x"))));
  }

  @Test
  void aLibraryThatIsGoneIsNamed() {
    Algorithms now =
        new Algorithms(
            Map.of(), Map.of("a", "f32_64x64/1", "b", "f32_64x64/1", "c", "f32_64x64/2"));
    assertEquals(
        Optional.of("2 of 3 convolutions and products; cuDNN 9.10.2 is not there"),
        SAVED.difference(now));
  }

  /** The same engine of another version need not round alike. */
  @Test
  void anotherVersionIsNamed() {
    Algorithms now = new Algorithms(Map.of("cuDNN", "9.28.0"), SAVED.chosen());
    assertEquals(
        Optional.of("2 of 3 convolutions and products; cuDNN was 9.10.2 and is 9.28.0"),
        SAVED.difference(now));
  }

  @Test
  void anotherChoiceNeedsNoLibrary() {
    Algorithms now =
        new Algorithms(CUDNN, Map.of("a", "cuDNN/eng1", "b", "f32_64x64/2", "c", "cuDNN/eng2"));
    assertEquals(Optional.of("2 of 3 convolutions and products"), SAVED.difference(now));
  }
}
