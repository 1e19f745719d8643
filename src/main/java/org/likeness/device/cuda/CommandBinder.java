package org.likeness.device.cuda;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Binds commands to what does them on one GPU: the kernels of the committed PTX, and the engines of
 * NVIDIA's libraries.
 */
final class CommandBinder {
  private final KernelLibrary kernels;
  private final Libraries libraries;

  CommandBinder(KernelLibrary kernels, Libraries libraries) {
    this.kernels = kernels;
    this.libraries = libraries;
  }

  /** Loads the kernels that these commands name, several at a time. */
  void load(Collection<? extends Command> commands) {
    List<Launch> launches = new ArrayList<>();
    for (Command command : commands) {
      if (command instanceof Launch launch) {
        launches.add(launch);
      }
    }
    kernels.load(launches);
  }

  /** Returns the commands, loaded before, ready to be asked of a stream until they are closed. */
  List<BoundCommand> bind(Collection<? extends Command> commands, Arena arena, Owned owned) {
    return commands.stream().map(command -> bind(command, arena, owned)).toList();
  }

  private BoundCommand bind(Command command, Arena arena, Owned owned) {
    return switch (command) {
      case Launch launch -> kernels.ready(launch, arena)::launch;
      case EngineCall call -> libraries.bind(call, owned);
    };
  }
}
