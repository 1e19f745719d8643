package org.likeness.saehd;

import java.util.Comparator;
import java.util.stream.Stream;

/** Finds what somebody meant to write. */
final class Spelling {
  private Spelling() {}

  /** Returns the word that differs least from what was written. */
  static String nearest(String written, Stream<String> words) {
    return words
        .sorted()
        .min(Comparator.comparingInt(known -> distance(written, known)))
        .orElseThrow();
  }

  /** Letters to insert, delete or replace between two words (Levenshtein). */
  private static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int replaced = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length()];
  }
}
