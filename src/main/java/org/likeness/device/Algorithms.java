package org.likeness.device;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a device computes what can be computed in several ways: a session keeps it, because other
 * ways round otherwise.
 *
 * @param libraries versions of the libraries that the device can use, by their names
 * @param chosen the way of each shape, by the shape; that of a library begins with its name
 */
public record Algorithms(Map<String, String> libraries, Map<String, String> chosen) {
  /** Of a device that has one way for everything. */
  public static final Algorithms NONE = new Algorithms(Map.of(), Map.of());

  /** Copies the maps. */
  public Algorithms {
    libraries = Map.copyOf(libraries);
    chosen = Map.copyOf(chosen);
  }

  /** Returns the name of the library that a way is of, if it is of one of these. */
  public Optional<String> library(String way) {
    return libraries.keySet().stream().filter(way::startsWith).findFirst();
  }

  /**
   * Returns what is computed otherwise now than it was here, in words for a person; empty where
   * every shape that both know is computed alike.
   */
  public Optional<String> difference(Algorithms now) {
    long both = 0;
    long different = 0;
    for (Map.Entry<String, String> shape : chosen.entrySet()) {
      String way = now.chosen.get(shape.getKey());
      if (way != null) {
        both++;
        different += alike(shape.getValue(), way, now) ? 0 : 1;
      }
    }
    if (different == 0) {
      return Optional.empty();
    }
    List<String> words = new ArrayList<>();
    words.add(different + " of " + both + " convolutions and products");
    libraries.keySet().stream()
        .sorted()
        .forEach(
            name -> {
              String was = libraries.get(name);
              String is = now.libraries.get(name);
              if (is == null) {
                words.add(name + " " + was + " is not there");
              } else if (!is.equals(was)) {
                words.add(name + " was " + was + " and is " + is);
              }
            });
    return Optional.of(String.join("; ", words));
  }

  private boolean alike(String was, String is, Algorithms now) {
    return was.equals(is)
        && library(was).stream()
            .allMatch(name -> libraries.get(name).equals(now.libraries.get(name)));
  }
}
