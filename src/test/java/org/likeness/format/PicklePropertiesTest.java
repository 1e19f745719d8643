package org.likeness.format;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.razorvine.pickle.Pickler;
import net.razorvine.pickle.Unpickler;

/** The oracle is net.razorvine:pickle, an independent reader and writer. */
class PicklePropertiesTest {
  @Property(tries = 300)
  void theOracleReadsWhatWeWrite(@ForAll("values") Object value) throws IOException {
    assertEquals(widened(value), widened(new Unpickler().loads(Pickle.write(value))));
  }

  @Property(tries = 300)
  void weReadWhatTheOracleWrites(@ForAll("values") Object value) throws IOException {
    assertEquals(widened(value), Pickle.read(new Pickler().dumps(value)));
  }

  @Property(tries = 2000)
  void onlyFormatExceptionsEscape(@ForAll byte[] bytes) {
    readOrRefuse(bytes);
  }

  @Property(tries = 2000)
  void onlyFormatExceptionsEscapeFromDamagedPickles(
      @ForAll("values") Object value, @ForAll int at, @ForAll byte with) {
    byte[] bytes = Pickle.write(Map.of("value", value, "mask", NdArray.of(new byte[] {1, 2})));
    bytes[Math.floorMod(at, bytes.length)] = with;
    readOrRefuse(bytes);
  }

  private static void readOrRefuse(byte[] bytes) {
    try {
      Pickle.read(bytes);
    } catch (FormatException refused) {
      assertTrue(refused.getMessage().matches("\\P{Cntrl}{1,200}"), refused.getMessage());
    }
  }

  @Provide
  Arbitrary<Object> values() {
    Arbitrary<Object> leaves =
        Arbitraries.oneOf(
            Arbitraries.integers().map(i -> (Object) i),
            Arbitraries.doubles().map(d -> (Object) d),
            Arbitraries.of(true, false).map(b -> (Object) b),
            Arbitraries.strings().alpha().ofMaxLength(300).map(s -> (Object) s),
            Arbitraries.strings()
                .excludeChars('\0')
                .ofMaxLength(5)
                .map(s -> (Object) printable(s)));
    return Arbitraries.recursive(
        () -> leaves,
        inner ->
            Arbitraries.oneOf(
                inner.list().ofMaxSize(4).map(list -> (Object) list),
                Arbitraries.maps(Arbitraries.strings().alpha().ofMaxLength(8), inner)
                    .ofMaxSize(4)
                    .map(map -> (Object) map)),
        0,
        3);
  }

  /** Lone surrogates have no UTF-8. */
  private static String printable(String s) {
    return s.replaceAll("[\\ud800-\\udfff]", "?");
  }

  /** Every integer a Long, as the reader returns them. */
  private static Object widened(Object value) {
    return switch (value) {
      case Integer i -> i.longValue();
      case List<?> list -> list.stream().map(PicklePropertiesTest::widened).toList();
      case Map<?, ?> map -> {
        Map<Object, Object> copy = new HashMap<>();
        map.forEach((key, item) -> copy.put(key, widened(item)));
        yield copy;
      }
      default -> value;
    };
  }
}
