package org.likeness.faceset;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.likeness.format.FormatException;

/**
 * How fast samples are made on one core: {@code warm} with every face prepared before and in
 * memory, {@code cached} with every face on the disk as {@link FaceCache} keeps it, {@code cold}
 * from the files, in samples per second of processor time; {@code stages} are milliseconds of
 * processor time a sample spends in each.
 */
public record DataBenchmark(double warm, double cached, double cold, Map<String, Double> stages) {
  private static final int BATCH = 8;
  private static final int MOST_COLD = 64;
  private static final long MOST_CACHED = 256L << 20; // bytes
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** Something to be timed. */
  @FunctionalInterface
  private interface Stage {
    void run(int index) throws IOException;
  }

  /** Measures for about {@code seconds} on the calling thread. */
  public static DataBenchmark run(Faceset faceset, SampleSettings settings, double seconds)
      throws IOException {
    boolean transfers = settings.photometry().transfer().needsReference();
    BatchSource source =
        transfers
            ? BatchSource.open(faceset, faceset, settings, BATCH, 0, FaceCache.none())
            : BatchSource.open(faceset, settings, BATCH, 0, Side.SRC);
    try (Arena arena = Arena.ofConfined()) {
      SampleBuffers lent = SampleBuffers.allocate(arena, BATCH, settings);
      Stage fill = i -> source.fill(i / BATCH, i % BATCH, lent);
      int faces = faceset.faces().size();
      for (int i = 0; i < faces; i++) {
        fill.run(i); // prepares every face
      }
      millis(fill, faces, seconds / 4); // compiles
      double warm = millis(fill, faces, seconds / 4);
      Stage prepare = i -> PreparedFace.of(faceset.faces().get(i % faces), settings);
      double prepared = millis(prepare, 0, seconds / 4);
      double fetched = cached(faceset, settings, seconds / 8);
      Map<String, Double> stages = stages(faceset, settings, seconds / 8);
      stages.put("prepare", prepared);
      stages.put("cached", fetched);
      stages.put("augment", warm);
      return new DataBenchmark(1e3 / warm, 1e3 / (warm + fetched), 1e3 / (warm + prepared), stages);
    }
  }

  /** Of reading a prepared face that the system still has in its memory of files. */
  private static double cached(Faceset faceset, SampleSettings settings, double seconds)
      throws IOException {
    Preparation preparation = Preparation.aligned(settings);
    long fit = Math.max(1, MOST_CACHED / preparation.blank().byteSize());
    List<Face> faces = faceset.faces().subList(0, (int) Math.min(fit, faceset.faces().size()));
    Path folder = Files.createTempDirectory("likeness-bench-");
    try (FaceCache cache = FaceCache.open(new FaceCache.Place(folder, Long.MAX_VALUE, 0))) {
      List<String> names = cache.claim(preparation, faces);
      for (int i = 0; i < faces.size(); i++) {
        cache.put(names.get(i), PreparedFace.of(faces.get(i), settings));
      }
      Stage fetch =
          i -> {
            if (cache.get(names.get(i % faces.size()), preparation) == null) {
              throw new IOException(folder + " has no room for prepared faces");
            }
          };
      millis(fetch, 0, seconds / 2); // compiles
      return millis(fetch, 0, seconds / 2);
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private static Map<String, Double> stages(
      Faceset faceset, SampleSettings settings, double seconds) throws IOException {
    int n = Math.min(MOST_COLD, faceset.faces().size());
    byte[][] jpgs = new byte[n][];
    Raster[] pictures = new Raster[n];
    for (int i = 0; i < n; i++) {
      jpgs[i] = faceset.faces().get(i).jpg();
      pictures[i] = decoded(jpgs[i]);
    }
    Map<String, Double> stages = new LinkedHashMap<>();
    double each = seconds / 5;
    stages.put("read", millis(i -> faceset.faces().get(i % n).jpg(), 0, each));
    stages.put("decode", millis(i -> decoded(jpgs[i % n]), 0, each));
    stages.put("masks", millis(i -> masks(faceset.faces().get(i % n), settings), 0, each));
    stages.put(
        "align",
        millis(
            i ->
                PreparedFace.image(
                    pictures[i % n], faceset.faces().get(i % n).metadata(), settings),
            0,
            each));
    Warp.Drawing drawing = new Warp.Drawing(settings);
    stages.put("draw", millis(drawing::draw, 0, each));
    return stages;
  }

  private static Raster decoded(byte[] jpg) throws FormatException {
    return Raster.of(OpenCv.decodeColour(jpg));
  }

  private static void masks(Face face, SampleSettings settings) throws FormatException {
    Raster full = FaceMasks.full(face.metadata(), face.width(), face.height());
    if (settings.em()) {
      FaceMasks.em(face.metadata().landmarks(), full, settings.dialect());
    }
  }

  /** Processor milliseconds of one run, over as many as fit into that time. */
  private static double millis(Stage stage, int from, double seconds) throws IOException {
    long begun = System.nanoTime();
    long processor = THREADS.getCurrentThreadCpuTime();
    int runs = 0;
    do {
      stage.run(from + runs++);
    } while (System.nanoTime() - begun < seconds * 1e9);
    return (THREADS.getCurrentThreadCpuTime() - processor) / 1e6 / runs;
  }
}
