package org.likeness.faceset;

import java.util.Set;

/**
 * Changes colours and quality of aligned pictures, in the dialect's order (spec data.md 7); owns
 * the scratch of one thread.
 */
final class Colourist {
  private static final int DISTORT = 0;
  private static final int TRANSFER = 1;
  private static final int CLAHE = 2;
  private static final int JITTER = 3;
  private static final int CONTRAST = 4;

  private final SampleSettings settings;
  private final Photometry photometry;
  private final int size;
  private final Canvas canvas;
  private final Distortions distortions;
  private final IterativeTransfer iterative = new IterativeTransfer();
  private final SlicedTransfer sliced = new SlicedTransfer();

  Colourist(SampleSettings settings) {
    this.settings = settings;
    this.photometry = settings.photometry();
    this.size = settings.resolution();
    this.canvas = new Canvas(size);
    this.distortions = new Distortions(size, canvas);
  }

  /** Whether the input of the network is changed before it is moved. */
  boolean changesInput() {
    return photometry.hsvPower() > 0
        || photometry.transfer() != ColourTransfer.NONE
        || photometry.distortions().stream().anyMatch(d -> d != Distortion.COLOUR);
  }

  /** Whether the target is. */
  boolean changesTarget() {
    return photometry.transfer() != ColourTransfer.NONE
        || (photometry.hsvPower() > 0 && settings.dialect() == Dialect.MVE)
        || photometry.distortions().contains(Distortion.SHADOW);
  }

  /** Whether input and target are changed after they were moved. */
  boolean changesMoved() {
    return photometry.distortions().contains(Distortion.COLOUR);
  }

  /** Changes the network's input // (r, r, 3) in place, before it is warped. */
  void input(float[] image, SampleDraws draws) {
    transfer(image, draws, 0);
    if (!photometry.distortions().isEmpty()) {
      distortions.apply(image, photometry.distortions(), draws.generator(DISTORT));
    }
    shift(image, draws);
    shadow(image, draws);
  }

  /** Changes the target // (r, r, 3) in place, before it is moved. */
  void target(float[] image, SampleDraws draws) {
    transfer(image, draws, 1);
    if (settings.dialect() == Dialect.MVE) {
      shift(image, draws);
    }
    shadow(image, draws);
  }

  /** Changes input or target in place after it was moved and clipped. */
  void moved(float[] image, SampleDraws draws) {
    if (photometry.distortions().contains(Distortion.COLOUR)) {
      LabRotation.apply(image, draws.seed(), canvas);
    }
  }

  private void shift(float[] image, SampleDraws draws) {
    if (photometry.hsvPower() > 0) {
      HsvShift.draw(draws.seed(), settings).apply(image);
    }
  }

  private void shadow(float[] image, SampleDraws draws) {
    Set<Distortion> wanted = photometry.distortions();
    if (wanted.contains(Distortion.SHADOW) && Shadow.falls(draws.seed())) {
      Shadow.draw(draws.seed(), size, photometry.shadows()).apply(image, size, canvas);
    }
  }

  /** idt and sot draw anew for the target, as in the original. */
  private void transfer(float[] image, SampleDraws draws, int output) {
    float[] reference = draws.reference();
    switch (photometry.transfer()) {
      case NONE -> {}
      case RCT -> LinearTransfer.rct(image, reference, canvas);
      case LCT -> LinearTransfer.lct(image, reference);
      case MKL -> LinearTransfer.mkl(image, reference);
      case IDT -> iterative.apply(image, reference, rotations(draws, output));
      case SOT -> sliced.apply(image, reference, normals(draws, output), canvas);
      case FS_AUG -> ColourAugmentation.apply(image, augmentation(draws, null), canvas);
      case CC_AUG -> {
        Mt19937 random = draws.generator(CONTRAST);
        double[] uniform = {random.nextDouble(), random.nextDouble(), random.nextDouble()};
        ColourAugmentation.apply(image, augmentation(draws, uniform), canvas);
      }
    }
  }

  /** A generator for each step: with one seed for all, CLAHE always came with darkening. */
  private static ColourAugmentation.Draws augmentation(SampleDraws draws, double[] uniform) {
    return ColourAugmentation.Draws.of(draws.generator(CLAHE), draws.generator(JITTER), uniform);
  }

  private static float[] rotations(SampleDraws draws, int output) {
    Mt19937 random = new Mt19937(draws.stream() + TRANSFER + output);
    float[] rotations = new float[IterativeTransfer.ROUNDS * 9];
    for (int round = 0; round < IterativeTransfer.ROUNDS; round++) {
      double[] rotation = random.rotation(3);
      for (int i = 0; i < 9; i++) {
        rotations[9 * round + i] = (float) rotation[i];
      }
    }
    return rotations;
  }

  private static double[] normals(SampleDraws draws, int output) {
    Mt19937 random = new Mt19937(draws.stream() + TRANSFER + output);
    double[] normals = new double[SlicedTransfer.STEPS * SlicedTransfer.DIRECTIONS * 3];
    for (int i = 0; i < normals.length; i++) {
      normals[i] = random.gaussian();
    }
    return normals;
  }
}
