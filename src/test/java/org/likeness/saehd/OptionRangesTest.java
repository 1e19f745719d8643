package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every option of the table, just inside and just outside what it takes. */
class OptionRangesTest {
  @ParameterizedTest
  @MethodSource("org.likeness.saehd.OptionRanges#refusals")
  void isRefusedByNameAndValueWithWhatToUse(OptionRanges.Refusal refusal) {
    Map<String, String> text = Map.of(refusal.option().name(), refusal.value());
    assertEquals(
        refusal.message(),
        assertThrows(InvalidOptionException.class, () -> SaehdOptions.of(text)).getMessage());
  }

  @ParameterizedTest
  @MethodSource("org.likeness.saehd.OptionRanges#ends")
  void isTakenAtItsEnds(OptionRanges.Refusal end) {
    assertDoesNotThrow(() -> end.option().parse(end.value()));
  }

  @Test
  void noOptionIsForgotten() {
    Set<String> refused =
        OptionRanges.refusals().map(r -> r.option().name()).collect(Collectors.toSet());
    Set<String> all = OptionTable.ALL.stream().map(Option::name).collect(Collectors.toSet());
    assertEquals(all, refused);
    assertTrue(OptionRanges.refusals().count() >= 3L * all.size(), "three values for each");
  }

  @Test
  void aValueIsRepeatedOnOneLineAndNotAtAnyLength() {
    assertEquals(
        "ae_dims a b c is not allowed: use a whole number from 32 to 1024",
        assertThrows(
                InvalidOptionException.class,
                () -> SaehdOptions.of(Map.of("ae_dims", "a\nb\r\n\tc")))
            .getMessage());
    assertEquals(
        "ae_dims " + "9".repeat(80) + "... is not allowed: use a whole number from 32 to 1024",
        assertThrows(
                InvalidOptionException.class,
                () -> SaehdOptions.of(Map.of("ae_dims", "9".repeat(100_000))))
            .getMessage());
  }
}
