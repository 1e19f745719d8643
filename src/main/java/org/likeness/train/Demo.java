package org.likeness.train;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import org.likeness.device.Device;
import org.likeness.faceset.Crop;
import org.likeness.faceset.Face;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.SampleSettings;
import org.likeness.faceset.synthetic.Cast;
import org.likeness.faceset.synthetic.HeadRenderer;
import org.likeness.faceset.synthetic.SceneRanges;
import org.likeness.faceset.synthetic.SyntheticFaceset;
import org.likeness.runtime.Devices;

/**
 * The first thing to try: two people who do not exist, a small model, and a swap that is compared
 * with the true answer, which is known because the faces are rendered.
 */
public final class Demo {
  private static final int ANSWERS = 24;
  private static final int SIZE = 128;
  private static final FaceType TYPE = FaceType.FULL;
  private static final String SRC = "leo";
  private static final String DST = "omar";
  private static final long SRC_SEED = 1;
  private static final long DST_SEED = 2;
  private static final int SHOWN = 6;

  private final Request request;
  private final PrintStream out;

  /**
   * What to do.
   *
   * @param folder gets the facesets, the session and the pictures; a second run goes on there
   * @param faces of each person to render
   * @param iterations at which the demo is complete
   * @param limit how long to train at most
   */
  public record Request(Path folder, int faces, int iterations, Duration limit, String device) {}

  /**
   * What came of it.
   *
   * @param preview the samples that were trained
   * @param swaps dst, swap and truth of faces that were never trained
   */
  public record Outcome(
      Path session, long iteration, SwapScores scores, Path preview, Path swaps) {}

  private Demo(Request request, PrintStream out) {
    this.request = request;
    this.out = out;
  }

  /** Renders what is missing, trains, and scores the swap. */
  public static Outcome run(Request request, PrintStream out, boolean live) throws IOException {
    return new Demo(request, out).run(live);
  }

  private Outcome run(boolean live) throws IOException {
    Path src = request.folder().resolve("src");
    Path dst = request.folder().resolve("dst");
    Path answers = request.folder().resolve("answers");
    Path session = request.folder().resolve("session");
    render(src, dst, answers);
    Trainer.Outcome trained =
        Trainer.train(
            new Trainer.Request(src, dst, session, options(), request.device(), request.limit()),
            out,
            live);
    return score(src, answers, trained);
  }

  private Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("archi", "df-ud");
    options.put("resolution", "64");
    options.put("face_type", "f");
    options.put("ae_dims", "64");
    options.put("e_dims", "32");
    options.put("d_dims", "32");
    options.put("d_mask_dims", "16");
    options.put("batch_size", "4");
    options.put("save_minutes", "1");
    options.put("target_iter", Integer.toString(request.iterations()));
    return options;
  }

  /** Renders each folder completely or not at all: what a kill left half done is made anew. */
  private void render(Path src, Path dst, Path answers) throws IOException {
    if (Files.exists(src) && Files.exists(dst) && Files.exists(answers)) {
      out.println("going on with the demo in " + request.folder());
      return;
    }
    out.println("rendering two people who do not exist into " + request.folder());
    HeadRenderer who = new HeadRenderer(Cast.named(SRC));
    HeadRenderer with = new HeadRenderer(Cast.named(DST));
    whole(
        src,
        folder -> SyntheticFaceset.write(folder, who, faces(request.faces(), SRC_SEED), n -> {}));
    whole(
        dst,
        folder -> SyntheticFaceset.write(folder, with, faces(request.faces(), DST_SEED), n -> {}));
    SyntheticFaceset.Request unseen = faces(ANSWERS, DST_SEED);
    whole(
        answers,
        folder ->
            Answers.write(
                folder, TYPE, ANSWERS, i -> SyntheticFaceset.truth(who, with, unseen, i)));
  }

  private static SyntheticFaceset.Request faces(int count, long seed) {
    return new SyntheticFaceset.Request(count, SIZE, TYPE, SceneRanges.easy(), seed, true);
  }

  private interface Rendering {
    void into(Path folder) throws IOException;
  }

  private static void whole(Path folder, Rendering rendering) throws IOException {
    if (Files.exists(folder)) {
      return;
    }
    DurableFiles files = new DurableFiles();
    Path unfinished = folder.resolveSibling(folder.getFileName() + ".tmp");
    try {
      files.deleteTree(unfinished);
      files.createFolder(unfinished);
      rendering.into(unfinished);
      files.rename(unfinished, folder);
    } catch (IOException e) {
      throw SessionException.at("cannot render the demo's faces", folder, e);
    }
  }

  private Outcome score(Path src, Path answers, Trainer.Outcome trained) throws IOException {
    Path session = trained.session().session();
    try (Device device = Devices.open(request.device());
        Swapper swapper = Swapper.open(session, device, out::println)) {
      SampleSettings settings = FacesetBatches.settings(swapper.options(), false, false);
      List<SwapScores.Src> srcs = new ArrayList<>();
      for (Face face : Faceset.load(src).faces()) {
        srcs.add(new SwapScores.Src(Crop.of(face, settings).image(), landmarks(face)));
      }
      List<Face> truths = Faceset.load(answers.resolve(Answers.TRUTH)).faces();
      List<SwapScores.Dst> dsts = new ArrayList<>();
      for (Face face : Faceset.load(answers.resolve(Answers.DST)).faces()) {
        float[] image = Crop.of(face, settings).image();
        Crop truth = Crop.of(truths.get(dsts.size()), settings);
        dsts.add(
            new SwapScores.Dst(
                image, landmarks(face), swapper.swap(image).image(), truth.image(), truth.mask()));
      }
      int side = settings.resolution();
      Path swaps = request.folder().resolve("swaps.png");
      Preview.write(draw(dsts, side, swapper.iteration()), swaps, new DurableFiles());
      SwapScores scores = SwapScores.of(srcs, dsts, side);
      return new Outcome(session, swapper.iteration(), scores, trained.preview(), swaps);
    }
  }

  private static double[] landmarks(Face face) {
    return face.metadata().landmarks().xy();
  }

  private static BufferedImage draw(List<SwapScores.Dst> dsts, int side, long iteration) {
    int rows = Math.min(SHOWN, dsts.size());
    float[] masks = joined(dsts, rows, SwapScores.Dst::mask);
    String title =
        String.format(Locale.ROOT, "faces that were never trained on, iteration %d", iteration);
    return Preview.draw(
        List.of(
            new Preview.Column("dst", joined(dsts, rows, SwapScores.Dst::image), masks),
            new Preview.Column("swap", joined(dsts, rows, SwapScores.Dst::swapped), masks),
            new Preview.Column("truth", joined(dsts, rows, SwapScores.Dst::truth), masks)),
        side,
        rows,
        title,
        List.of());
  }

  private static float[] joined(
      List<SwapScores.Dst> dsts, int rows, Function<SwapScores.Dst, float[]> part) {
    int size = part.apply(dsts.getFirst()).length;
    float[] all = new float[rows * size];
    for (int i = 0; i < rows; i++) {
      System.arraycopy(part.apply(dsts.get(i)), 0, all, i * size, size);
    }
    return all;
  }
}
