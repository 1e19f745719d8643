package org.likeness.faceset.synthetic;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.likeness.faceset.Affine;
import org.likeness.faceset.AlignedFace;
import org.likeness.faceset.AlignedJpg;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.FacesetException;
import org.likeness.faceset.Landmarks;
import org.likeness.faceset.SourceFrame;

/**
 * Rendered facesets as DeepFaceLab's aligned JPGs, and the true answers of a swap: nobody in them
 * exists, and every file says so.
 */
public final class SyntheticFaceset {
  private static final long TRUTH_SALT = 0x7275_7468L;
  private static final String NOTE =
      """
      These faces were rendered by Likeness. The people in them do not exist: identities are
      parameters of a program, landmarks and masks are exact because they come from the model.
      """;

  /**
   * A faceset to render: how many faces of how many pixels a side, cut as which type, from which
   * series of scenes; {@code masks} stores the exact mask in each file as its XSeg mask.
   */
  public record Request(
      int count, int size, FaceType type, SceneRanges ranges, long seed, boolean masks) {
    /** Refuses empty sets and sizes outside [32, 2048]. */
    public Request {
      if (count < 1 || size < 32 || size > 2048) {
        throw new IllegalArgumentException(
            "synthetic faceset: %d faces of %d pixels; at least 1 face of 32 to 2048 pixels"
                .formatted(count, size));
      }
    }

    /** Whole faces, without masks. */
    public static Request of(int count, int size, SceneRanges ranges, long seed) {
      return new Request(count, size, FaceType.WHOLE_FACE, ranges, seed, false);
    }

    /** The same kind of faces in scenes that no training series of this seed contains. */
    Scene truthScene(int index) {
      return ranges.scene(seed ^ TRUTH_SALT << 20, index);
    }

    Scene scene(int index) {
      return ranges.scene(seed, index);
    }
  }

  private SyntheticFaceset() {}

  /**
   * Writes {@code 00000_0.jpg} and so on into a folder that has no pictures yet, using all cores;
   * {@code progress} is told the number of finished faces, from any thread.
   */
  public static void write(Path folder, HeadRenderer who, Request request, IntConsumer progress)
      throws IOException {
    prepare(folder);
    each(request.count(), progress, i -> writeFace(folder, who, request.scene(i), request, i));
  }

  /**
   * Writes swaps with their answers: {@code folder/dst} holds aligned faces of {@code dst} in
   * scenes that {@link #write} never draws from the same request, {@code folder/truth} for each of
   * them {@code src} in exactly that scene and crop: {@code <stem>.png} and {@code
   * <stem>_mask.png}.
   */
  public static void writeTruth(
      Path folder, HeadRenderer src, HeadRenderer dst, Request request, IntConsumer progress)
      throws IOException {
    Path faces = folder.resolve("dst");
    Path truth = folder.resolve("truth");
    prepare(faces);
    prepare(truth);
    each(
        request.count(),
        progress,
        i -> {
          Scene scene = request.truthScene(i);
          Affine crop = writeFace(faces, dst, scene, request, i);
          RenderedHead answer = src.render(scene, crop, request.size());
          String stem = stem(i);
          Pictures.writeNew(truth.resolve(stem + ".png"), Pictures.png(answer));
          Pictures.writeNew(truth.resolve(stem + "_mask.png"), Pictures.maskPng(answer));
        });
  }

  /** A swap with its answer, in memory: a face of {@code dst} and {@code src} in its place. */
  public record Swap(RenderedHead dst, RenderedHead truth) {}

  /** Swap {@code index} of {@link #writeTruth}, drawn without writing anything. */
  public static Swap truth(HeadRenderer src, HeadRenderer dst, Request request, int index) {
    Scene scene = request.truthScene(index);
    Affine crop = Alignment.crop(dst.landmarks(scene), request.type(), request.size());
    return new Swap(
        dst.render(scene, crop, request.size()), src.render(scene, crop, request.size()));
  }

  private static Affine writeFace(
      Path folder, HeadRenderer who, Scene scene, Request request, int index) throws IOException {
    double[][] marks = who.landmarks(scene);
    Affine crop = Alignment.crop(marks, request.type(), request.size());
    RenderedHead head = who.render(scene, crop, request.size());
    Landmarks inFrame = landmarks(marks);
    AlignedFace face =
        new AlignedFace(
            request.type(),
            inFrame.mapped(crop),
            1,
            request.masks() ? Pictures.maskPng(head) : null,
            List.of(),
            new SourceFrame(
                String.format(Locale.ROOT, "%05d.png", index), rect(marks), inFrame, crop));
    Path path = folder.resolve(stem(index) + ".jpg");
    refuseExisting(path);
    AlignedJpg.write(path, Pictures.jpg(head), face);
    return crop;
  }

  private static String stem(int index) {
    return String.format(Locale.ROOT, "%05d_0", index);
  }

  private static Landmarks landmarks(double[][] marks) {
    double[] xy = new double[2 * marks.length];
    for (int i = 0; i < marks.length; i++) {
      xy[2 * i] = marks[i][0];
      xy[2 * i + 1] = marks[i][1];
    }
    return new Landmarks(xy);
  }

  /** Whole pixels around the landmarks: left, top, right, bottom. */
  private static double[] rect(double[][] marks) {
    double[] r = {1e9, 1e9, -1e9, -1e9};
    for (double[] p : marks) {
      r[0] = Math.min(r[0], Math.floor(p[0]));
      r[1] = Math.min(r[1], Math.floor(p[1]));
      r[2] = Math.max(r[2], Math.ceil(p[0]));
      r[3] = Math.max(r[3], Math.ceil(p[1]));
    }
    return r;
  }

  private static void prepare(Path folder) throws IOException {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new FacesetException(
          folder + " cannot be created: choose a folder that can be written.", e);
    }
    try (var files = Files.newDirectoryStream(folder, "*.{jpg,jpeg,png,pak,JPG,JPEG,PNG}")) {
      if (files.iterator().hasNext()) {
        throw new FacesetException(
            folder + " already holds pictures: choose an empty folder or remove them first.");
      }
    }
    Path note = folder.resolve("SYNTHETIC.txt");
    if (Files.notExists(note)) {
      Files.writeString(note, NOTE);
    }
  }

  static void refuseExisting(Path path) throws FacesetException {
    if (Files.exists(path)) {
      throw new FacesetException(path + " exists already: choose an empty folder.");
    }
  }

  private interface Task {
    void run(int index) throws IOException;
  }

  private static void each(int count, IntConsumer progress, Task task) throws IOException {
    AtomicInteger done = new AtomicInteger();
    try {
      IntStream.range(0, count)
          .parallel()
          .forEach(
              i -> {
                try {
                  task.run(i);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
                progress.accept(done.incrementAndGet());
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }
}
