package org.likeness.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.likeness.format.FormatException;
import org.likeness.format.SafetensorsFile;
import org.likeness.format.SafetensorsTensor;

/**
 * One checkpoint on disk, proved whole and mapped into memory; its tensors die with it. Close it
 * before the store deletes the folder (Windows).
 */
final class Generation implements AutoCloseable {
  /** The shapes that a model expects: file stem, tensor name, extents. */
  interface Layout {
    Map<String, Map<String, long[]>> of(Manifest manifest);
  }

  private final Checkpoint checkpoint;
  private final List<SafetensorsFile> open;

  private Generation(Checkpoint checkpoint, List<SafetensorsFile> open) {
    this.checkpoint = checkpoint;
    this.open = open;
  }

  Checkpoint checkpoint() {
    return checkpoint;
  }

  static String fileName(String stem) {
    return stem + ".safetensors";
  }

  /** Opens a folder and checks every byte of it; Unreadable names the tensor or file at fault. */
  static Generation open(Path folder, Layout layout) throws Manifest.Unreadable, IOException {
    Manifest manifest = Manifest.parse(read(folder));
    if (!folder.getFileName().toString().equals(Long.toString(manifest.iteration()))) {
      throw new Manifest.Unreadable("it holds iteration " + manifest.iteration());
    }
    requireLayout(manifest, layout.of(manifest));
    List<SafetensorsFile> open = new ArrayList<>();
    boolean whole = false;
    try {
      Map<String, List<SafetensorsTensor>> files = new LinkedHashMap<>();
      for (Map.Entry<String, Map<String, Manifest.Entry>> file : manifest.files().entrySet()) {
        files.put(file.getKey(), tensors(folder, file.getKey(), file.getValue(), open));
      }
      whole = true;
      return new Generation(
          new Checkpoint(
              manifest.iteration(),
              manifest.options(),
              manifest.facts(),
              manifest.algorithms(),
              files),
          open);
    } finally {
      if (!whole) {
        open.forEach(SafetensorsFile::close);
      }
    }
  }

  private static byte[] read(Path folder) throws Manifest.Unreadable, IOException {
    try {
      return Files.readAllBytes(folder.resolve(Manifest.FILE));
    } catch (NoSuchFileException e) {
      throw new Manifest.Unreadable(Manifest.FILE + " is missing");
    }
  }

  private static List<SafetensorsTensor> tensors(
      Path folder, String stem, Map<String, Manifest.Entry> entries, List<SafetensorsFile> open)
      throws Manifest.Unreadable, IOException {
    SafetensorsFile file;
    try {
      file = SafetensorsFile.open(folder.resolve(fileName(stem)));
    } catch (NoSuchFileException e) {
      throw new Manifest.Unreadable(fileName(stem) + " is missing");
    } catch (FormatException e) {
      throw new Manifest.Unreadable(e.getMessage());
    }
    open.add(file);
    Optional<String> fault =
        entries.entrySet().parallelStream()
            .flatMap(entry -> fault(file, stem, entry.getKey(), entry.getValue()).stream())
            .findFirst();
    if (fault.isPresent()) {
      throw new Manifest.Unreadable(fault.get());
    }
    return entries.keySet().stream().map(file.tensors()::get).toList();
  }

  private static Optional<String> fault(
      SafetensorsFile file, String stem, String name, Manifest.Entry entry) {
    SafetensorsTensor tensor = file.tensors().get(name);
    if (tensor == null) {
      return Optional.of("tensor %s/%s is missing".formatted(stem, name));
    }
    if (!tensor.dtype().name().equals(entry.dtype())
        || !Manifest.shape(tensor.shape()).equals(entry.shape())) {
      return Optional.of(
          "tensor %s/%s is %s %s in its file but %s %s was saved"
              .formatted(
                  stem,
                  name,
                  tensor.dtype(),
                  Manifest.shape(tensor.shape()),
                  entry.dtype(),
                  entry.shape()));
    }
    if (!Manifest.hash(tensor.data()).equals(entry.sha256())) {
      return Optional.of("tensor %s/%s is damaged (its SHA-256 is another)".formatted(stem, name));
    }
    return Optional.empty();
  }

  private static void requireLayout(Manifest manifest, Map<String, Map<String, long[]>> expected)
      throws Manifest.Unreadable {
    for (Map.Entry<String, Map<String, long[]>> file : expected.entrySet()) {
      Map<String, Manifest.Entry> entries = manifest.files().getOrDefault(file.getKey(), Map.of());
      for (Map.Entry<String, long[]> tensor : file.getValue().entrySet()) {
        Manifest.Entry entry = entries.get(tensor.getKey());
        String name = file.getKey() + "/" + tensor.getKey();
        if (entry == null) {
          throw new Manifest.Unreadable("tensor " + name + " is missing");
        }
        List<Long> shape = Manifest.shape(tensor.getValue());
        if (!entry.shape().equals(shape)) {
          throw new Manifest.Unreadable(
              "tensor %s has shape %s but the model needs %s"
                  .formatted(name, entry.shape(), shape));
        }
      }
    }
  }

  @Override
  public void close() {
    open.forEach(SafetensorsFile::close);
  }
}
