package org.likeness.device.cuda;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.likeness.cuda.Gpu;

/**
 * What was measured on a GPU with a driver and NVIDIA's libraries, kept between runs: a properties
 * file with a line for each shape. It may be deleted at any time; a damaged one counts as none.
 */
record TuningFile(Path path) {
  private static final System.Logger LOG = System.getLogger(TuningFile.class.getName());

  /**
   * Returns the file for a GPU model and a driver version in a folder.
   *
   * @param libraries what else was measured against, with versions; "" for our kernels alone
   */
  static TuningFile of(Path folder, Gpu gpu, String driver, String libraries) {
    String name = gpu.name() + "-cuda-" + driver + libraries;
    String plain = name.replaceAll("[^A-Za-z0-9.]+", "-").toLowerCase(Locale.ROOT);
    return new TuningFile(folder.resolve(plain + ".properties"));
  }

  /** Returns what the file holds; nothing where there is none or it cannot be read. */
  Tuning read() {
    if (!Files.isRegularFile(path)) {
      return Tuning.NONE;
    }
    Properties lines = new Properties();
    try (Reader in = Files.newBufferedReader(path)) {
      lines.load(in);
    } catch (IOException | IllegalArgumentException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} is not read: {1}", path, e.getMessage());
      return Tuning.NONE;
    }
    Map<String, String> winners = new HashMap<>();
    lines.stringPropertyNames().forEach(key -> winners.put(key, lines.getProperty(key)));
    return new Tuning(winners);
  }

  /** Replaces the file; where that cannot be done, the next run measures again. */
  void write(Tuning tuning) {
    try {
      Files.createDirectories(path.getParent());
      Path part = Files.createTempFile(path.getParent(), "tuning", ".part");
      try {
        try (Writer out = Files.newBufferedWriter(part)) {
          for (Map.Entry<String, String> line : new TreeMap<>(tuning.winners()).entrySet()) {
            out.write(escaped(line.getKey()) + "=" + line.getValue() + "\n");
          }
        }
        Files.move(part, path, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(part);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "{0} is not written: {1}", path, e.getMessage());
    }
  }

  private static String escaped(String key) {
    return key.replaceAll("([ :=#!\\\\])", "\\\\$1");
  }
}
