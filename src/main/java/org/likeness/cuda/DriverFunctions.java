package org.likeness.cuda;

/** The driver's functions, by what they are about. */
record DriverFunctions(
    DriverStart start,
    DriverContexts contexts,
    DriverMemory memory,
    DriverVirtualMemory virtualMemory,
    DriverCopies copies,
    DriverStreams streams,
    DriverModules modules,
    DriverGraphs graphs) {
  static DriverFunctions of(Symbols symbols) {
    return new DriverFunctions(
        DriverStart.of(symbols),
        DriverContexts.of(symbols),
        DriverMemory.of(symbols),
        DriverVirtualMemory.of(symbols),
        DriverCopies.of(symbols),
        DriverStreams.of(symbols),
        DriverModules.of(symbols),
        DriverGraphs.of(symbols));
  }
}
