package org.likeness.device.cuda;

import java.util.List;

/** What NVIDIA's libraries offer besides our kernels, as data that a lowering may know. */
interface Engines {
  /** No library: our kernels alone. */
  Engines NONE =
      new Engines() {
        @Override
        public List<Engine> of(Problem problem) {
          return List.of();
        }

        @Override
        public boolean preferred() {
          return false;
        }
      };

  /**
   * Returns the engines for a problem, each deterministic and below the workspace ceiling, the one
   * that its library thinks fastest first; empty where there is none.
   */
  List<Engine> of(Problem problem);

  /** Tells whether our kernels only compute what the libraries cannot. */
  boolean preferred();

  /** An engine of a library for one problem, with its knobs set. */
  record Engine(String name, long workspaceBytes) {}
}
