package org.likeness.train;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntConsumer;
import org.likeness.device.Device;
import org.likeness.device.State;
import org.likeness.format.SafetensorsTensor;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Role;
import org.likeness.graph.Tensor;
import org.likeness.nn.LossScaling;
import org.likeness.saehd.Faces;
import org.likeness.saehd.ReferenceLayout;
import org.likeness.saehd.StepSettings;

/** Replays a golden file on a device and measures how far off every recorded number is. */
public final class Verification {
  /** From this many steps on a file is a curve, with its own tolerances (spec golden.md). */
  private static final int CURVE_STEPS = 100;

  private final GoldenFile golden;
  private final StepSettings settings;
  private final Tolerances tolerances;
  private final IntConsumer progress;

  /**
   * How far off one group is.
   *
   * @param group "forward", "losses", "grad" and "change" (per tensor), "grad_all" or "change_all",
   *     or for a curve "curve_to_24", "curve_to_49", "curve_from_50", "curve_mean_8" and
   *     "curve_mean_50"
   * @param error the worst relative error; NaN never passes
   * @param tolerance infinite where the error is only reported
   * @param tensor where it is
   */
  public record Group(String group, double error, double tolerance, String tensor) {
    /** Tells whether the error lies inside the tolerance. */
    public boolean ok() {
      return error <= tolerance;
    }
  }

  /**
   * What one file showed.
   *
   * @param absent groups that the file does not hold
   */
  public record Report(Path file, List<Group> groups, List<String> absent) {
    /** Tells whether every group that the file holds passed, and there was one. */
    public boolean ok() {
      return !groups.isEmpty() && groups.stream().allMatch(Group::ok);
    }
  }

  private Verification(GoldenFile golden, DType dtype, IntConsumer progress) throws IOException {
    this.golden = golden;
    settings = golden.settings(dtype);
    tolerances = Tolerances.of(settings);
    this.progress = progress;
  }

  /**
   * Replays a file.
   *
   * @param dtype F32, BF16 or F16 for mixed precision, or F64 where the device has it
   * @param progress is told the number of each finished step
   * @throws UnsupportedGoldenException when no run of ours can repeat it
   */
  public static Report run(Path file, Device device, DType dtype, IntConsumer progress)
      throws IOException {
    try (GoldenFile golden = GoldenFile.open(file)) {
      return new Verification(golden, dtype, progress).replay(file, device);
    }
  }

  private Report replay(Path file, Device device) throws IOException {
    List<Group> groups = new ArrayList<>();
    StepProgram.Request request =
        new StepProgram.Request(
            golden.architecture(), settings, golden.retraining(), Faces.outputs(), true);
    try (Arena arena = Arena.ofConfined();
        StepProgram step = new StepProgram(device, request)) {
      Host host = new Host(arena);
      start(step, host);
      double[][] losses = new double[2][];
      for (int s = 0; s < golden.steps(); s++) {
        step.run(feeds(step.graph(), host, s % golden.batches()), s);
        losses[0] = append(losses[0], step.losses("src_loss"));
        losses[1] = append(losses[1], step.losses("dst_loss"));
        if (s == 0) {
          firstStep(step, host, groups);
        }
        progress.accept(s + 1);
      }
      compareLosses(losses, groups);
      compareFinal(step, host, groups);
    }
    List<String> absent = new ArrayList<>(List.of("forward", "losses", "grad", "change"));
    groups.forEach(g -> absent.remove(g.group().startsWith("curve") ? "losses" : g.group()));
    return new Report(file, groups, absent);
  }

  private void start(StepProgram step, Host host) throws IOException {
    for (Tensor p : step.graph().leaves(Role.PARAMETER)) {
      step.state().write(p.name(), host.reference(p, golden.tensor("init/" + p.name())));
    }
    try (Arena once = Arena.ofConfined()) {
      for (Tensor slot : step.graph().leaves(Role.SLOT)) {
        if (slot.dtype() == DType.I64 && !LossScaling.isSlot(slot.name())) {
          step.state().write(slot.name(), once.allocateFrom(JAVA_LONG, golden.startCounter()));
        }
      }
    }
  }

  private Map<String, MemorySegment> feeds(Graph graph, Host host, int batch) throws IOException {
    Map<String, MemorySegment> feeds = new LinkedHashMap<>();
    for (Tensor feed : graph.leaves(Role.FEED)) {
      String name = "batch" + batch + "/" + feed.name();
      boolean zeros = feed.name().endsWith("_em") && golden.find(name) == null;
      double[] values =
          zeros ? new double[(int) feed.shape().elements()] : golden.tensor(name).doubles();
      double[] moved = new double[values.length];
      ReferenceLayout.image(feed.shape(), (g, r) -> moved[g] = values[r]);
      feeds.put(feed.name(), host.segment(feed, moved));
    }
    return feeds;
  }

  private void firstStep(StepProgram step, Host host, List<Group> groups) throws IOException {
    Map<String, Double> forward = new LinkedHashMap<>();
    for (String name : golden.group("forward")) {
      Tensor t = step.graph().fetches().get(name);
      double[] ours = new double[(int) t.shape().elements()];
      double[] read = host.read(step, name, t);
      ReferenceLayout.image(t.shape(), (g, r) -> ours[r] = read[g]);
      double[] theirs = golden.tensor("forward/" + name).doubles();
      double[] distance = Arrays.stream(theirs).map(v -> v - 0.5).toArray();
      forward.put(name, norm(minus(ours, theirs)) / norm(distance));
    }
    add(groups, "forward", forward, tolerances.forward());
    compareGradients(step, host, groups);
  }

  private void compareGradients(StepProgram step, Host host, List<Group> groups)
      throws IOException {
    double loss = settings.lossScale();
    double all = 0;
    double wanted = 0;
    Map<String, Double> grads = new LinkedHashMap<>();
    Set<String> recorded = golden.group("grad");
    for (String name : recorded) {
      Tensor p = step.graph().leaf(name);
      Tensor gradient = step.description().gradients().get(p);
      double[] scaled = host.parameter(p, host.read(step, "grad/" + name, gradient));
      double[] ours = Arrays.stream(scaled).map(g -> g / loss).toArray();
      double[] theirs = golden.tensor("grad/" + name).doubles();
      double error = norm(minus(ours, theirs));
      all += error * error;
      wanted += norm(theirs) * norm(theirs);
      grads.put(name, relative(ours, theirs));
    }
    add(groups, "grad", grads, tolerances.grad());
    if (!grads.isEmpty()) {
      String every = "all gradients";
      groups.add(new Group("grad_all", Math.sqrt(all / wanted), tolerances.gradAll(), every));
    }
  }

  private void compareLosses(double[][] losses, List<Group> groups) throws IOException {
    String[] names = {"src_loss", "dst_loss"};
    Map<String, Double> worst = new LinkedHashMap<>();
    for (int i = 0; i < 2; i++) {
      if (golden.find(names[i]) == null) {
        continue;
      }
      double[] theirs = golden.tensor(names[i]).doubles();
      if (golden.steps() >= CURVE_STEPS) {
        Curve curve = new Curve(losses[i], theirs, golden.steps(), tolerances.curve());
        groups.addAll(curve.groups(names[i]));
      } else {
        worst.put(names[i], relative(losses[i], theirs));
      }
    }
    add(groups, "losses", worst, tolerances.losses());
  }

  private void compareFinal(StepProgram step, Host host, List<Group> groups) throws IOException {
    Map<String, Double> changes = new LinkedHashMap<>();
    double all = 0;
    double wanted = 0;
    for (String name : golden.group("final")) {
      Tensor p = step.graph().leaf(name);
      double[] ours = host.parameter(p, host.read(step.state(), p));
      double[] theirs = golden.tensor("final/" + name).doubles();
      double[] init = golden.tensor("init/" + name).doubles();
      double error = norm(minus(ours, theirs));
      double change = norm(minus(theirs, init));
      all += error * error;
      wanted += change * change;
      changes.put(name, change == 0 ? (error == 0 ? 0 : Double.NaN) : error / change);
    }
    if (golden.steps() >= CURVE_STEPS) {
      return;
    }
    add(groups, "change", changes, tolerances.change());
    if (!changes.isEmpty()) {
      double error = Math.sqrt(all / wanted);
      groups.add(new Group("change_all", error, tolerances.changeAll(), "all weights"));
    }
  }

  private static void add(
      List<Group> groups, String name, Map<String, Double> errors, double tolerance) {
    String tensor = null;
    double worst = -1;
    for (Map.Entry<String, Double> e : errors.entrySet()) {
      if (Double.isNaN(e.getValue()) || e.getValue() > worst) {
        worst = e.getValue();
        tensor = e.getKey();
        if (Double.isNaN(worst)) {
          break;
        }
      }
    }
    if (tensor != null) {
      groups.add(new Group(name, worst, tolerance, tensor));
    }
  }

  static double relative(double[] ours, double[] theirs) {
    return norm(minus(ours, theirs)) / norm(theirs);
  }

  private static double[] minus(double[] a, double[] b) {
    double[] difference = new double[a.length];
    for (int i = 0; i < a.length; i++) {
      difference[i] = a[i] - b[i];
    }
    return difference;
  }

  private static double norm(double[] x) {
    return Math.sqrt(Arrays.stream(x).map(v -> v * v).sum());
  }

  private static double[] append(double[] head, double[] tail) {
    if (head == null) {
      return tail;
    }
    double[] all = Arrays.copyOf(head, head.length + tail.length);
    System.arraycopy(tail, 0, all, head.length, tail.length);
    return all;
  }

  /** Moves numbers between double arrays and the device, one reused buffer a tensor. */
  private static final class Host {
    private final Map<Integer, MemorySegment> buffers = new LinkedHashMap<>();
    private final Arena arena;

    Host(Arena arena) {
      this.arena = arena;
    }

    private MemorySegment buffer(Tensor t) {
      return buffers.computeIfAbsent(t.id(), id -> arena.allocate(t.bytes(), 64));
    }

    MemorySegment segment(Tensor t, double[] values) {
      MemorySegment buffer = buffer(t);
      for (int i = 0; i < values.length; i++) {
        if (t.dtype() == DType.F64) {
          buffer.setAtIndex(ValueLayout.JAVA_DOUBLE, i, values[i]);
        } else {
          buffer.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values[i]);
        }
      }
      return buffer;
    }

    MemorySegment reference(Tensor t, SafetensorsTensor reference) {
      double[] values = reference.doubles();
      if (values.length != t.shape().elements()) {
        throw new IllegalArgumentException(
            reference.name() + " has " + values.length + " elements where " + t + " is wanted");
      }
      double[] moved = new double[values.length];
      ReferenceLayout.parameter(t.shape(), (g, r) -> moved[g] = values[r]);
      return segment(t, moved);
    }

    double[] read(StepProgram step, String fetch, Tensor t) {
      step.read(fetch, buffer(t));
      return values(t);
    }

    double[] read(State state, Tensor t) {
      state.read(t.name(), buffer(t));
      return values(t);
    }

    private double[] values(Tensor t) {
      MemorySegment buffer = buffer(t);
      double[] values = new double[(int) t.shape().elements()];
      for (int i = 0; i < values.length; i++) {
        values[i] =
            t.dtype() == DType.F64
                ? buffer.getAtIndex(ValueLayout.JAVA_DOUBLE, i)
                : buffer.getAtIndex(ValueLayout.JAVA_FLOAT, i);
      }
      return values;
    }

    double[] parameter(Tensor p, double[] graphLayout) {
      double[] moved = new double[graphLayout.length];
      ReferenceLayout.parameter(p.shape(), (g, r) -> moved[r] = graphLayout[g]);
      return moved;
    }
  }
}
