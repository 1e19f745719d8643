package org.likeness.device.cuda;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Binds commands to what does them on one GPU: the kernels of the committed PTX. */
final class CommandBinder implements AutoCloseable {
  private final KernelLibrary kernels;

  CommandBinder(KernelLibrary kernels) {
    this.kernels = kernels;
  }

  /** Loads everything that these commands name, several kernels at a time. */
  void load(Collection<? extends Command> commands) {
    List<Launch> launches = new ArrayList<>();
    for (Command command : commands) {
      switch (command) {
        case Launch launch -> launches.add(launch);
      }
    }
    kernels.load(launches);
  }

  /** Returns the commands, loaded before, ready to be asked of a stream while the arena is open. */
  List<BoundCommand> bind(Collection<? extends Command> commands, Arena arena) {
    return commands.stream().map(command -> bind(command, arena)).toList();
  }

  private BoundCommand bind(Command command, Arena arena) {
    return switch (command) {
      case Launch launch -> kernels.ready(launch, arena)::launch;
    };
  }

  @Override
  public void close() {
    kernels.close();
  }
}
