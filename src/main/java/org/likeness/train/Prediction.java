package org.likeness.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.likeness.device.Device;
import org.likeness.faceset.Crop;
import org.likeness.faceset.Face;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.FacesetException;
import org.likeness.faceset.SampleSettings;
import org.likeness.faceset.SkippedFace;
import org.likeness.runtime.Devices;

/** Swaps every aligned face of a folder and writes it and its mask as pictures. */
public final class Prediction {
  private Prediction() {}

  /**
   * What to swap with what.
   *
   * @param output gets {@code <stem>.png} and {@code <stem>_mask.png} for each face
   * @param device "auto" or a device's name
   */
  public record Request(Path session, Path input, Path output, String device) {}

  /** What came of it. */
  public record Outcome(long iteration, int faces, List<SkippedFace> skipped) {}

  /** Swaps; {@code say} hears how it goes. Faces that cannot be read are skipped. */
  public static Outcome run(Request request, Consumer<String> say) throws IOException {
    if (Files.exists(request.output())
        && Files.exists(request.input())
        && Files.isSameFile(request.output(), request.input())) {
      throw new SessionException(
          "the swapped faces would lie among the faces of %s; choose another --output"
              .formatted(request.input()));
    }
    Faceset faceset = Faceset.load(request.input());
    DurableFiles files = new DurableFiles();
    try (Device device = Devices.open(request.device());
        Swapper swapper = Swapper.open(request.session(), device, say)) {
      SampleSettings settings = FacesetBatches.settings(swapper.options(), false, false);
      List<SkippedFace> skipped = new ArrayList<>(faceset.skipped());
      create(files, request.output());
      int done = 0;
      for (Face face : faceset.faces()) {
        Crop crop;
        try {
          crop = Crop.of(face, settings);
        } catch (FacesetException e) {
          skipped.add(new SkippedFace(face.name(), e.getMessage()));
          continue;
        }
        write(request.output(), face.name(), swapper.swap(crop.image()), settings, files);
        done++;
        if (done % 100 == 0) {
          say.accept(String.format(Locale.ROOT, "%d of %d faces", done, faceset.faces().size()));
        }
      }
      return new Outcome(swapper.iteration(), done, List.copyOf(skipped));
    }
  }

  private static void create(DurableFiles files, Path output) throws SessionException {
    try {
      files.createFolder(output);
    } catch (IOException e) {
      throw SessionException.at("cannot write swapped faces", output, e);
    }
  }

  private static void write(
      Path output, String name, Swapper.Swap swap, SampleSettings settings, DurableFiles files)
      throws SessionException {
    String stem = name.contains(".") ? name.substring(0, name.lastIndexOf('.')) : name;
    Path image = output.resolve(stem + ".png");
    int side = settings.resolution();
    try {
      files.createFolder(
          image.toAbsolutePath().getParent()); // a pak's names hold a person's folder
      Preview.write(Preview.image(swap.image(), 0, side, 3), image, files);
      Path mask = output.resolve(stem + "_mask.png");
      Preview.write(Preview.image(swap.mask(), 0, side, 1), mask, files);
    } catch (IOException e) {
      throw SessionException.at("cannot write a swapped face", image, e);
    }
  }
}
