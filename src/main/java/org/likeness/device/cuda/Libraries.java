package org.likeness.device.cuda;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.likeness.cuda.CudaContext;
import org.likeness.cuda.cublaslt.CublasLt;
import org.likeness.cuda.cudnn.Cudnn;
import org.likeness.ffi.Availability;
import org.likeness.ffi.Availability.Available;

/**
 * cuDNN and cuBLASLt on one GPU, so far as they are installed. What they offer for a problem is
 * asked once; engines that no program uses are closed after each load.
 */
final class Libraries implements Engines, AutoCloseable {
  private final Provider provider;
  private final Availability<Cudnn> cudnn;
  private final Availability<CublasLt> cublasLt;
  private final Owned owned = new Owned();
  private final Map<Problem, List<Engine>> offers = new HashMap<>();
  private final Map<Problem, List<OpenPlan>> plans = new HashMap<>();

  /** An engine that is open, and how many bound commands use it. */
  private static final class OpenPlan {
    private final EnginePlan plan;
    private int uses;

    OpenPlan(EnginePlan plan) {
      this.plan = plan;
    }
  }

  private Libraries(Provider provider, Availability<Cudnn> cudnn, Availability<CublasLt> cublasLt) {
    this.provider = provider;
    this.cudnn = cudnn;
    this.cublasLt = cublasLt;
    if (cudnn instanceof Available<Cudnn>(Cudnn open)) {
      owned.add(open);
    }
    if (cublasLt instanceof Available<CublasLt>(CublasLt open)) {
      owned.add(open);
    }
  }

  /** Opens what there is; for {@link Provider#OURS} nothing is looked for. */
  static Libraries open(CudaContext context, int driverVersion, Provider provider) {
    return provider == Provider.OURS
        ? new Libraries(
            provider,
            new Availability.Absent<>(Library.CUDNN.title(), List.of()),
            new Availability.Absent<>(Library.CUBLASLT.title(), List.of()))
        : new Libraries(
            provider,
            Cudnn.open(context, driverVersion).answer(),
            CublasLt.open(context, driverVersion).answer());
  }

  @Override
  public boolean preferred() {
    return provider == Provider.CUDNN;
  }

  @Override
  public List<Engine> of(Problem problem) {
    return offers.computeIfAbsent(
        problem, p -> opened(p).stream().map(open -> open.plan.engine()).toList());
  }

  private List<OpenPlan> opened(Problem problem) {
    return plans.computeIfAbsent(problem, p -> new ArrayList<>(ask(p)));
  }

  private List<OpenPlan> ask(Problem problem) {
    long ceiling = ConvolutionChoice.WORKSPACE_CEILING;
    List<EnginePlan> found = new ArrayList<>();
    switch (problem) {
      case Problem.Convolution(var convolution) -> {
        if (cudnn instanceof Available<Cudnn>(Cudnn open)) {
          open.plans(convolution, ceiling)
              .forEach(p -> found.add(new EnginePlan.OfCudnn(convolution.direction(), p)));
        }
      }
      case Problem.Product(var product) -> {
        if (cublasLt instanceof Available<CublasLt>(CublasLt open)) {
          open.algorithms(product, ceiling).forEach(a -> found.add(new EnginePlan.OfCublasLt(a)));
        }
      }
    }
    return found.stream().map(OpenPlan::new).toList();
  }

  /** Returns a run that {@code user} closes, with the engine kept open as long. */
  BoundCommand bind(EngineCall call, Owned user) {
    OpenPlan open = plan(call);
    open.uses++;
    user.add(() -> open.uses--);
    return open.plan.bind(call.buffers(), user);
  }

  private OpenPlan plan(EngineCall call) {
    return find(call)
        .or(
            () -> { // closed since it was offered
              List<OpenPlan> again = new ArrayList<>(ask(call.problem()));
              opened(call.problem()).addAll(again);
              return find(call);
            })
        .orElseThrow(
            () -> new IllegalStateException("there is no engine " + call.engine() + " any more"));
  }

  private Optional<OpenPlan> find(EngineCall call) {
    return opened(call.problem()).stream()
        .filter(open -> open.plan.engine().name().equals(call.engine()))
        .findFirst();
  }

  /** Closes the engines that nothing bound uses. */
  void closeIdle() {
    try (Owned idle = new Owned()) {
      plans
          .values()
          .forEach(
              list ->
                  list.removeIf(
                      open -> {
                        if (open.uses == 0) {
                          idle.add(open.plan);
                        }
                        return open.uses == 0;
                      }));
    }
  }

  /** Returns the versions of those that are open, by their names. */
  Map<String, String> versions() {
    Map<String, String> versions = new TreeMap<>();
    if (cudnn instanceof Available<Cudnn>(Cudnn open)) {
      versions.put(Library.CUDNN.title(), open.installed().version());
    }
    if (cublasLt instanceof Available<CublasLt>(CublasLt open)) {
      versions.put(Library.CUBLASLT.title(), open.installed().version());
    }
    return versions;
  }

  /** Returns what a measurement depends on, as part of a file's name; "" for our kernels alone. */
  String measuredAgainst() {
    Map<String, String> versions = versions();
    StringBuilder text =
        new StringBuilder(versions.isEmpty() || !preferred() ? "" : "-without-ours");
    versions.forEach((name, version) -> text.append("-" + name + "-" + version));
    return text.toString();
  }

  /**
   * Returns one sentence where a library that was looked for cannot be used: why, and what to do.
   */
  Optional<String> advice(int driverVersion) {
    return provider == Provider.OURS
        ? Optional.empty()
        : MissingLibraries.advice(cudnn, cublasLt, driverVersion);
  }

  /** Returns which kernels compute, for a person. */
  @Override
  public String toString() {
    List<String> names = new ArrayList<>();
    versions().forEach((name, version) -> names.add(name + " " + version));
    names.sort(Comparator.reverseOrder());
    return names.isEmpty() ? "our kernels" : String.join(", ", names) + " and our kernels";
  }

  @Override
  public void close() {
    try (Owned all = owned) {
      plans.values().forEach(list -> list.forEach(open -> all.add(open.plan)));
      plans.clear();
    }
  }
}
