package org.likeness.faceset.synthetic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.faceset.AlignedFace;
import org.likeness.faceset.AlignedJpg;
import org.likeness.faceset.FaceType;
import org.likeness.faceset.Faceset;
import org.likeness.faceset.FacesetException;
import org.likeness.faceset.synthetic.SyntheticFaceset.Request;

class SyntheticFacesetTest {
  private static final String MARK = "synthetic face rendered by Likeness: not a real person";
  private static HeadRenderer src;
  private static HeadRenderer dst;

  @TempDir Path folder;

  @BeforeAll
  static void build() {
    src = new HeadRenderer(Cast.named("kofi"));
    dst = new HeadRenderer(Cast.named("leo"));
  }

  private static Request request(int count, boolean masks) {
    return new Request(count, 96, FaceType.WHOLE_FACE, SceneRanges.full(), 7, masks);
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void writesAlignedFacesThatReadBack() throws IOException {
    List<Integer> progress = Collections.synchronizedList(new ArrayList<>());
    SyntheticFaceset.write(folder, src, request(3, true), progress::add);
    assertEquals(
        List.of("00000_0.jpg", "00001_0.jpg", "00002_0.jpg", "SYNTHETIC.txt"), names(folder));
    assertEquals(List.of(1, 2, 3), progress.stream().sorted().toList());
    Faceset faceset = Faceset.load(folder);
    assertEquals(3, faceset.faces().size());
    assertEquals(List.of(), faceset.skipped());
    Path second = folder.resolve("00001_0.jpg");
    AlignedFace face = AlignedJpg.read(second);
    assertEquals(FaceType.WHOLE_FACE, face.type());
    assertEquals("00001.png", face.source().filename());
    for (int i = 0; i < 68; i++) {
      double x = face.source().landmarks().x(i);
      double y = face.source().landmarks().y(i);
      assertEquals(face.landmarks().x(i), face.source().toFace().x(x, y), 1e-9);
      assertEquals(face.landmarks().y(i), face.source().toFace().y(x, y), 1e-9);
      double[] rect = face.source().rect();
      assertTrue(rect[0] <= x && x <= rect[2] && rect[1] <= y && y <= rect[3]);
    }
    BufferedImage mask = ImageIO.read(new ByteArrayInputStream(face.xsegMask()));
    assertEquals(96, mask.getWidth());
    assertEquals(255, mask.getRaster().getSample(48, 56, 0), "the nose is face");
    assertEquals(0, mask.getRaster().getSample(1, 94, 0), "a corner is not");
  }

  @Test
  void everyPictureSaysThatItIsSynthetic() throws IOException {
    SyntheticFaceset.writeTruth(folder, src, dst, request(1, false), done -> {});
    for (String name : List.of("dst/00000_0.jpg", "truth/00000_0.png", "truth/00000_0_mask.png")) {
      byte[] file = Files.readAllBytes(folder.resolve(name));
      assertTrue(new String(file, StandardCharsets.ISO_8859_1).contains(MARK), name);
    }
    assertTrue(Files.readString(folder.resolve("dst/SYNTHETIC.txt")).contains("do not exist"));
  }

  @Test
  void theTruthIsTheSourceInTheSceneAndCropOfTheDestination() throws IOException {
    Request request = request(2, false);
    SyntheticFaceset.writeTruth(folder, src, dst, request, done -> {});
    assertEquals(
        List.of(
            "00000_0.png", "00000_0_mask.png", "00001_0.png", "00001_0_mask.png", "SYNTHETIC.txt"),
        names(folder.resolve("truth")));
    AlignedFace face = AlignedJpg.read(folder.resolve("dst/00001_0.jpg"));
    RenderedHead truth = src.render(request.truthScene(1), face.source().toFace(), request.size());
    BufferedImage written = ImageIO.read(folder.resolve("truth/00001_0.png").toFile());
    BufferedImage expected = Pictures.image(truth);
    assertArrayEquals(
        expected.getRGB(0, 0, 96, 96, null, 0, 96), written.getRGB(0, 0, 96, 96, null, 0, 96));
    SyntheticFaceset.Swap swap = SyntheticFaceset.truth(src, dst, request, 1);
    assertArrayEquals(truth.bgr(), swap.truth().bgr());
    assertArrayEquals(truth.mask(), swap.truth().mask());
  }

  @Test
  void trueAnswersAreNotAmongTheTrainingScenes() {
    Request request = request(200, false);
    for (int i = 0; i < 200; i++) {
      for (int j = 0; j < 200; j++) {
        assertNotEquals(request.scene(i).pose(), request.truthScene(j).pose());
      }
    }
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path mine = folder.resolve("holiday.JPG");
    Files.writeString(mine, "mine");
    assertEquals(
        folder + " already holds pictures: choose an empty folder or remove them first.",
        assertThrows(
                FacesetException.class,
                () -> SyntheticFaceset.write(folder, src, request(1, false), done -> {}))
            .getMessage());
    assertEquals(List.of("holiday.JPG"), names(folder));
  }

  @Test
  void aFileInTheFoldersPlaceIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("faces"), "a file");
    assertEquals(
        file + " cannot be created: choose a folder that can be written.",
        assertThrows(
                FacesetException.class,
                () -> SyntheticFaceset.write(file, src, request(1, false), done -> {}))
            .getMessage());
  }

  @Test
  void anEmptyRequestIsRefused() {
    assertEquals(
        "synthetic faceset: 0 faces of 64 pixels; at least 1 face of 32 to 2048 pixels",
        assertThrows(IllegalArgumentException.class, () -> Request.of(0, 64, SceneRanges.easy(), 1))
            .getMessage());
  }
}
