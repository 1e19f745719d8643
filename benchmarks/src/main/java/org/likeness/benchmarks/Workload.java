package org.likeness.benchmarks;

import java.util.List;
import picocli.CommandLine.Option;

/** The shape of a training step, as options that every side of a comparison takes. */
final class Workload {
  /** The standard ones; M and L are for GPUs. */
  static final List<Workload> STANDARD =
      List.of(
          of("XS", "df-ud", 64, 4, 64, 32, 32, 16),
          of("XS-liae", "liae-udt", 64, 4, 64, 32, 32, 16),
          of("S", "df-ud", 128, 8, 256, 64, 64, 22),
          of("M", "liae-udt", 416, 16, 256, 64, 64, 22),
          of("L", "liae-udt", 704, 16, 256, 64, 64, 22));

  String name = "custom";

  @Option(names = "--archi", description = "df or liae with letters of u, d, t, c")
  String archi = "df-ud";

  @Option(names = "--resolution", description = "side of the face in pixels")
  int resolution = 64;

  @Option(names = "--batch", description = "faces of each side")
  int batch = 4;

  @Option(names = "--dims", arity = "4", description = "ae, e, d and d_mask")
  int[] dims = {64, 32, 32, 16};

  private static Workload of(String name, String archi, int resolution, int batch, int... dims) {
    Workload workload = new Workload();
    workload.name = name;
    workload.archi = archi;
    workload.resolution = resolution;
    workload.batch = batch;
    workload.dims = dims;
    return workload;
  }

  /** Returns the options that describe this workload. */
  List<String> arguments() {
    return List.of(
        "--archi=" + archi,
        "--resolution=" + resolution,
        "--batch=" + batch,
        "--dims",
        Integer.toString(dims[0]),
        Integer.toString(dims[1]),
        Integer.toString(dims[2]),
        Integer.toString(dims[3]));
  }

  @Override
  public String toString() {
    return "%s: %s, %d px, batch %d, %d/%d/%d/%d"
        .formatted(name, archi, resolution, batch, dims[0], dims[1], dims[2], dims[3]);
  }
}
