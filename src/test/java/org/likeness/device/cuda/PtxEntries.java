package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The entries of a committed PTX file as they declare themselves. */
record PtxEntries(String file, Map<String, Declaration> entries) {
  private static final Map<String, PtxEntries> FILES = new ConcurrentHashMap<>();
  private static final Pattern ENTRY =
      Pattern.compile("\\.visible \\.entry (\\w+)\\(([^)]*)\\)([^{]*)\\{");
  private static final Pattern PARAMETER =
      Pattern.compile("\\.param (?:\\.align \\d+ )?\\.(\\w+) \\w+(?:\\[(\\d+)])?");
  private static final Pattern THREADS = Pattern.compile("\\.maxntid (\\d+), 1, 1");

  /**
   * An entry.
   *
   * @param parameters "u64", "f32" and so on; "b8[n]" for a structure of n bytes
   * @param threads of a block at most; 1024 where it does not say
   */
  record Declaration(List<String> parameters, int threads) {}

  /** Reads {@code kernels/<family>.<target>.ptx}. */
  static PtxEntries of(String family, String target) {
    return FILES.computeIfAbsent(family + "." + target + ".ptx", PtxEntries::read);
  }

  private static PtxEntries read(String file) {
    Map<String, Declaration> entries = new HashMap<>();
    try {
      String ptx = Files.readString(Path.of("kernels", file));
      for (Matcher m = ENTRY.matcher(ptx); m.find(); ) {
        List<String> parameters = new ArrayList<>();
        for (Matcher p = PARAMETER.matcher(m.group(2)); p.find(); ) {
          parameters.add(p.group(2) == null ? p.group(1) : p.group(1) + "[" + p.group(2) + "]");
        }
        Matcher threads = THREADS.matcher(m.group(3));
        int most = threads.find() ? Integer.parseInt(threads.group(1)) : 1024;
        entries.put(m.group(1), new Declaration(parameters, most));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new PtxEntries(file, entries);
  }

  /** Checks that a launch gives the entry what it declares, and no more threads than it takes. */
  void accept(Launch launch, String what) {
    Declaration declaration = entries.get(launch.entry().name());
    assertTrue(
        declaration != null, what + ": " + file + " lacks the entry " + launch.entry().name());
    List<String> given = launch.arguments().stream().map(PtxEntries::type).toList();
    List<String> declared = declaration.parameters().stream().map(PtxEntries::plain).toList();
    assertEquals(declared, given, what + ": parameters of " + launch.entry().name());
    assertTrue(
        launch.grid().threads() <= declaration.threads(),
        what + ": threads of " + launch.entry().name());
  }

  /** A 64-bit float travels in the bits of a 64-bit number. */
  private static String plain(String declared) {
    return switch (declared) {
      case "u64", "s64", "f64", "b64" -> "64-bit";
      case "u32", "s32", "b32" -> "32-bit";
      default -> declared;
    };
  }

  private static String type(Launch.Argument argument) {
    return switch (argument) {
      case Launch.Argument.Pointer p -> "64-bit";
      case Launch.Argument.I32 i -> "32-bit";
      case Launch.Argument.F32 f -> "f32";
      case Launch.Argument.Struct s -> "b8[" + s.bytes().byteSize() + "]";
    };
  }
}
