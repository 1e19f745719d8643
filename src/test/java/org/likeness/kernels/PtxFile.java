package org.likeness.kernels;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a PTX file says of itself.
 *
 * @param sha256 of its bytes
 * @param threads threads of a block at most, by entry; 0 where the entry sets no bound
 */
record PtxFile(String sha256, Map<String, Integer> threads) {
  private static final Pattern ENTRY =
      Pattern.compile("\\.visible \\.entry (\\w+)\\([^)]*\\)([^{]*)\\{");
  private static final Pattern BOUND =
      Pattern.compile("\\.(?:maxntid|reqntid) (\\d+), (\\d+), (\\d+)");

  static PtxFile of(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    Map<String, Integer> threads = new TreeMap<>();
    String text = new String(bytes, StandardCharsets.US_ASCII);
    for (Matcher m = ENTRY.matcher(text); m.find(); ) {
      Matcher bound = BOUND.matcher(m.group(2));
      int product = 0;
      if (bound.find()) {
        product = 1;
        for (int axis = 1; axis <= 3; axis++) {
          product *= Integer.parseInt(bound.group(axis));
        }
      }
      threads.put(m.group(1), product);
    }
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return new PtxFile(HexFormat.of().formatHex(digest), threads);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
