package org.likeness.ffi;

import java.util.List;
import java.util.function.Function;

/** Whether something native can be used here, and if not, which of four different reasons. */
public sealed interface Availability<T> {
  /** It can be used. */
  record Available<T>(T value) implements Availability<T> {}

  /**
   * It is nowhere.
   *
   * @param searched where it was looked for
   */
  record Absent<T>(String what, List<String> searched) implements Availability<T> {}

  /** The Java runtime was told not to call native code. */
  record Forbidden<T>(String what) implements Availability<T> {}

  /**
   * It is there, but older than what is needed.
   *
   * @param lacks the functions that it does not have
   */
  record TooOld<T>(String what, List<String> lacks) implements Availability<T> {}

  /**
   * It is there and cannot be used.
   *
   * @param reason in the loader's or the file system's own words
   */
  record Broken<T>(String what, String reason) implements Availability<T> {}

  /** Returns one sentence for a person: what is wrong and what to do. */
  default String message() {
    return switch (this) {
      case Available<T>(T value) -> value + " is available";
      case Absent<T>(String what, List<String> searched) ->
          what + " was not found; looked for " + String.join(", ", searched);
      case Forbidden<T>(String what) ->
          what
              + " cannot be used because native access is forbidden; start java with"
              + " --enable-native-access=ALL-UNNAMED";
      case TooOld<T>(String what, List<String> lacks) ->
          what + " is too old, it lacks " + String.join(", ", lacks) + "; install a newer one";
      case Broken<T>(String what, String reason) -> what + " cannot be used: " + reason;
    };
  }

  /** Returns the value, or throws a NativeLibraryException with the message. */
  default T orThrow() {
    if (this instanceof Available<T>(T value)) {
      return value;
    }
    throw new NativeLibraryException(message());
  }

  /** Goes on with the value where there is one; the other answers stay what they are. */
  default <U> Availability<U> then(Function<? super T, Availability<U>> next) {
    return switch (this) {
      case Available<T>(T value) -> next.apply(value);
      case Absent<T>(String what, List<String> searched) -> new Absent<>(what, searched);
      case Forbidden<T>(String what) -> new Forbidden<>(what);
      case TooOld<T>(String what, List<String> lacks) -> new TooOld<>(what, lacks);
      case Broken<T>(String what, String reason) -> new Broken<>(what, reason);
    };
  }
}
