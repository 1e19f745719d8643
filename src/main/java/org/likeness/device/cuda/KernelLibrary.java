package org.likeness.device.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.CudaFunction;
import org.likeness.cuda.CudaLaunch;
import org.likeness.cuda.CudaModule;
import org.likeness.cuda.Dim3;
import org.likeness.cuda.LaunchArguments;

/**
 * The committed PTX on one GPU. The driver compiles a family when a plan first needs it, several at
 * a time, and keeps what it compiled in a cache of its own.
 */
final class KernelLibrary implements AutoCloseable {
  /** What PTX is committed for, newest first. */
  private static final List<Integer> TARGETS = List.of(80, 75);

  private final CudaContext context;
  private final Map<String, CudaModule> modules = new ConcurrentHashMap<>();
  private final Map<Launch.Entry, CudaFunction> functions = new HashMap<>();

  KernelLibrary(CudaContext context) {
    this.context = context;
  }

  /** Makes the kernels of these launches ready. */
  void load(Collection<Launch> launches) {
    Set<String> families =
        launches.stream()
            .map(l -> l.entry().family())
            .collect(Collectors.toCollection(TreeSet::new));
    families.removeAll(modules.keySet());
    families.parallelStream().forEach(family -> modules.put(family, module(family)));
    for (Launch launch : launches) {
      functions.computeIfAbsent(launch.entry(), e -> modules.get(e.family()).function(e.name()));
    }
  }

  /** Returns a launch that is one call of the driver; its arguments live in the arena. */
  CudaLaunch ready(Launch launch, Arena arena) {
    CudaFunction function = functions.get(launch.entry());
    LaunchArguments arguments = function.arguments(arena);
    for (int i = 0; i < launch.arguments().size(); i++) {
      switch (launch.arguments().get(i)) {
        case Launch.Argument.Pointer(long address) -> arguments.set(i, address);
        case Launch.Argument.I32(int value) -> arguments.set(i, value);
        case Launch.Argument.F32(float value) -> arguments.set(i, value);
        case Launch.Argument.Struct(MemorySegment bytes) -> arguments.set(i, bytes);
      }
    }
    Launch.Grid grid = launch.grid();
    return new CudaLaunch(
        function,
        new Dim3(grid.x(), grid.y(), grid.z()),
        Dim3.of(grid.threads()),
        launch.sharedBytes(),
        arguments);
  }

  private CudaModule module(String family) {
    for (int target : TARGETS) {
      String file = family + ".sm" + target + ".ptx";
      if (context.gpu().capability() >= target) {
        try (InputStream in =
            KernelLibrary.class.getResourceAsStream("/org/likeness/kernels/" + file)) {
          if (in != null) {
            return context.load(file, in.readAllBytes());
          }
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    throw new IllegalStateException(
        "no kernel of the family " + family + " is for " + context.gpu());
  }

  @Override
  public void close() {
    try (Owned owned = new Owned()) {
      modules.values().forEach(owned::add);
    }
  }
}
