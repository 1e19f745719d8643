package org.likeness.cuda.cudnn;

import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINEHEUR_DEVICEPROP;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINEHEUR_MODE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_ENGINEHEUR_RESULTS;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_EXECUTION_PLAN_HANDLE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATIONGRAPH_HANDLE;
import static org.likeness.cuda.cudnn.Attribute.CUDNN_ATTR_OPERATIONGRAPH_OPS;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_HEUR_MODE_A;
import static org.likeness.cuda.cudnn.CudnnConstants.CUDNN_HEUR_MODE_FALLBACK;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.likeness.cuda.cudnn.ConvolutionGraph.Role;
import org.likeness.cuda.cudnn.ConvolutionGraph.ScaleBy;

/** Asks cuDNN's heuristics for engines, and makes execution plans of those that suit. */
final class PlanSearch {
  /** Plans of one graph: finalizing one may compile for a second, and the first are the fastest. */
  private static final int MOST_PLANS = 10;

  private final CudnnCalls cudnn;
  private final Target target;
  private final CudnnConvolution convolution;
  private final long workspaceCeiling;
  private final Set<String> seen = new TreeSet<>();
  private final List<Found> found = new ArrayList<>();

  /**
   * What plans are for.
   *
   * @param handle of cuDNN on a GPU, 0 for none
   * @param description of a GPU that is not here; null where the handle's is meant. Such plans tell
   *     of themselves, but cannot be run (cuDNN 9.8 and later)
   */
  record Target(long handle, Descriptor description) {
    private void graph(Descriptor graph) {
      if (description == null) {
        graph.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle);
      }
    }

    private void heuristics(Descriptor heuristics) {
      if (description != null) {
        heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, description);
      }
    }

    private void plan(Descriptor plan) {
      if (description == null) {
        plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, handle);
      } else {
        plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, description);
      }
    }
  }

  /**
   * A plan that was finalized.
   *
   * @param config which it was made of, and which is kept as long
   * @param roles the tensors whose addresses a run is given
   */
  record Found(
      Descriptor plan, Descriptor config, EngineConfig engine, String name, Set<Role> roles)
      implements AutoCloseable {
    long workspaceBytes() {
      return plan.number(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE);
    }

    @Override
    public void close() {
      plan.close();
      config.close();
    }
  }

  PlanSearch(CudnnCalls cudnn, Target target, CudnnConvolution convolution, long workspaceCeiling) {
    this.cudnn = cudnn;
    this.target = target;
    this.convolution = convolution;
    this.workspaceCeiling = workspaceCeiling;
  }

  /** Returns the plans in the heuristics' order; the caller closes them. */
  List<Found> run() {
    try {
      search(ScaleBy.ALPHA);
      // no engine of 9.28 converts a single convolution node's result; a pointwise node does
      if (convolution.epilogue().scale() != 1 || convolution.type() != convolution.result()) {
        search(ScaleBy.NODE);
      }
      return List.copyOf(found);
    } catch (RuntimeException e) {
      found.forEach(Found::close);
      throw e;
    }
  }

  private void search(ScaleBy scaleBy) {
    try (Descriptors descriptors = new Descriptors(cudnn)) {
      ConvolutionGraph operations = new ConvolutionGraph(descriptors, convolution, scaleBy);
      Descriptor graph =
          descriptors
              .create(DescriptorType.CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR, "graph")
              .set(CUDNN_ATTR_OPERATIONGRAPH_OPS, operations.operations());
      target.graph(graph);
      if (graph.buildIfSupported()) {
        int most = found.size() + MOST_PLANS;
        for (int mode : new int[] {CUDNN_HEUR_MODE_A, CUDNN_HEUR_MODE_FALLBACK}) {
          for (Descriptor config : configs(descriptors, graph, mode)) {
            if (found.size() < most && consider(config, scaleBy, operations.roles())) {
              descriptors.release(config);
            }
          }
        }
      }
    }
  }

  /** Makes a plan of a configuration that suits and is new; true when the plan keeps it. */
  private boolean consider(Descriptor config, ScaleBy scaleBy, Set<Role> roles) {
    EngineConfig engine = EngineConfig.read(cudnn, config);
    String name = scaleBy == ScaleBy.NODE ? "mul " + engine.name() : engine.name();
    if (!engine.suits(convolution) || !seen.add(name)) {
      return false;
    }
    Optional<Descriptor> plan = plan(config, name);
    plan.ifPresent(p -> found.add(new Found(p, config, engine, name, roles)));
    return plan.isPresent();
  }

  /** Returns what the heuristics think of, the fastest first. */
  private List<Descriptor> configs(Descriptors descriptors, Descriptor graph, int mode) {
    Descriptor heuristics =
        descriptors
            .create(DescriptorType.CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR, "heuristics")
            .set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
            .set(CUDNN_ATTR_ENGINEHEUR_MODE, mode);
    target.heuristics(heuristics);
    if (!heuristics.buildIfSupported()) {
      return List.of();
    }
    List<Descriptor> configs =
        descriptors.create(
            heuristics.count(CUDNN_ATTR_ENGINEHEUR_RESULTS),
            DescriptorType.CUDNN_BACKEND_ENGINECFG_DESCRIPTOR,
            "engine configuration");
    return configs.isEmpty()
        ? configs
        : configs.subList(0, heuristics.read(CUDNN_ATTR_ENGINEHEUR_RESULTS, configs));
  }

  /** Makes a plan, unless the engine cannot after all or needs too much temporary memory. */
  private Optional<Descriptor> plan(Descriptor config, String name) {
    Descriptor plan =
        Descriptor.create(
            cudnn, DescriptorType.CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR, "plan " + name);
    boolean kept = false;
    try {
      target.plan(plan);
      plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
      kept =
          plan.buildIfSupported()
              && plan.number(CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE) <= workspaceCeiling;
      return kept ? Optional.of(plan) : Optional.empty();
    } finally {
      if (!kept) {
        plan.close();
      }
    }
  }
}
