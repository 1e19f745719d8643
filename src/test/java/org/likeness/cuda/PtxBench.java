package org.likeness.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One of softcuda's small PTX files, with memory for its kernels and launches of them. */
final class PtxBench implements AutoCloseable {
  private static final Path FOLDER = Path.of("src", "test", "native", "softcuda", "ptx");

  private final Arena arena = Arena.ofShared();
  private final CudaContext context;
  private final CudaModule module;
  private final CudaStream stream;
  private final List<DeviceMemory> memory = new ArrayList<>();

  PtxBench(CudaContext context, String file) {
    this.context = context;
    context.enter();
    try {
      module = context.load(file, Files.readAllBytes(FOLDER.resolve(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    stream = context.stream();
  }

  /** An array on the device. */
  record Place(DeviceMemory memory) {
    long address() {
      return memory.address();
    }
  }

  Place room(long bytes) {
    DeviceMemory made = context.allocate(bytes);
    memory.add(made);
    return new Place(made);
  }

  private Place put(MemorySegment values) {
    Place place = room(values.byteSize());
    place.memory().write(0, values);
    return place;
  }

  Place put(float... values) {
    return put(arena.allocateFrom(ValueLayout.JAVA_FLOAT, values));
  }

  Place put(double... values) {
    return put(arena.allocateFrom(ValueLayout.JAVA_DOUBLE, values));
  }

  Place put(int... values) {
    return put(arena.allocateFrom(ValueLayout.JAVA_INT, values));
  }

  Place put(long... values) {
    return put(arena.allocateFrom(ValueLayout.JAVA_LONG, values));
  }

  Place put(short... values) {
    return put(arena.allocateFrom(ValueLayout.JAVA_SHORT, values));
  }

  /** Launches a kernel and waits for it; arguments are places, numbers and structures. */
  void launch(String entry, Dim3 grid, Dim3 block, int shared, Object... arguments) {
    CudaFunction function = module.function(entry);
    LaunchArguments set = function.arguments(arena);
    for (int i = 0; i < arguments.length; i++) {
      switch (arguments[i]) {
        case Place p -> set.set(i, p.address());
        case Integer n -> set.set(i, n);
        case Long n -> set.set(i, n);
        case MemorySegment structure -> set.set(i, structure);
        default -> throw new IllegalArgumentException(arguments[i].toString());
      }
    }
    new CudaLaunch(function, grid, block, shared, set).launch(stream);
    stream.synchronize();
  }

  MemorySegment structure(long bytes) {
    return arena.allocate(bytes, 8);
  }

  private MemorySegment read(Place place) {
    MemorySegment values = arena.allocate(place.memory().bytes(), 8);
    place.memory().read(0, values);
    return values;
  }

  float[] floats(Place place) {
    return read(place).toArray(ValueLayout.JAVA_FLOAT);
  }

  double[] doubles(Place place) {
    return read(place).toArray(ValueLayout.JAVA_DOUBLE);
  }

  int[] ints(Place place) {
    return read(place).toArray(ValueLayout.JAVA_INT);
  }

  long[] longs(Place place) {
    return read(place).toArray(ValueLayout.JAVA_LONG);
  }

  short[] shorts(Place place) {
    return read(place).toArray(ValueLayout.JAVA_SHORT);
  }

  @Override
  public void close() {
    memory.forEach(DeviceMemory::close);
    stream.close();
    module.close();
    arena.close();
  }
}
