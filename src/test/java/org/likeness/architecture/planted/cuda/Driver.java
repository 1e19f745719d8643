package org.likeness.architecture.planted.cuda;

import java.lang.foreign.Linker;

/** Planted: only ffi links. */
final class Driver {
  private Driver() {}

  static Linker linker() {
    return Linker.nativeLinker();
  }
}
