package org.likeness.train;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.likeness.device.Algorithms;
import org.likeness.device.Device;
import org.likeness.device.Program;
import org.likeness.format.SafetensorsTensor;
import org.likeness.graph.ExecutionPlan;
import org.likeness.graph.Graph;
import org.likeness.graph.GraphText;
import org.likeness.graph.MemoryPlan;
import org.likeness.saehd.Adversaries;
import org.likeness.saehd.OptionTable;
import org.likeness.saehd.SaehdOptions;
import org.likeness.saehd.SessionOptions;
import org.likeness.saehd.TrainingStep;

/** SAEHD on a device: the training step and the preview, sharing one set of weights. */
final class SaehdLearner implements Learner {
  private static final String RETRAINING = "retraining";

  /** Files of discriminators, each with its optimiser's. */
  private static final Map<String, String> DISCRIMINATORS =
      Map.of(
          Adversaries.CODE, Adversaries.CODE_OPTIMIZER,
          Adversaries.PATCH, Adversaries.PATCH_OPTIMIZER);

  private final Device device;
  private final SaehdOptions options;
  private final Batches batches;
  private final SessionPlan plan;
  private final StepProgram step;
  private Program faces;
  private final Arena arena = Arena.ofShared();
  private final Map<String, List<SafetensorsTensor>> carried = new TreeMap<>();
  private Map<String, MemorySegment> feeds = Map.of(); // of the last step
  private Profiler profiler; // null when nobody looks
  private Map<String, MemorySegment> next; // written already; null when they are not
  private long nextIteration;

  /** Plans within what the device has free, and loads. */
  SaehdLearner(Device device, SaehdOptions options, Batches batches) throws SessionException {
    this(device, options, batches, SessionPlan.choose(device, options));
  }

  /** Loads what is planned; the weights are still to be initialised or loaded. */
  SaehdLearner(Device device, SaehdOptions options, Batches batches, SessionPlan plan) {
    this.device = device;
    this.options = options;
    this.batches = batches;
    this.plan = plan;
    step = new StepProgram(device, SessionPrograms.request(options), plan.steps());
    faces = device.load(plan.preview(), step.state());
  }

  /** Loads all programs anew for an observer, or without one; the slab that they share too. */
  private void observe(StepObserver by) {
    ExecutionPlan preview = faces.plan();
    faces.close();
    step.observe(by);
    faces = device.load(preview, step.state());
  }

  private int rows() {
    return Math.min(options.get(SessionOptions.PREVIEW_SAMPLES), options.batchSize());
  }

  /** Starts anew, from the session's seed. */
  void initialise() {
    Weights.initialise(step.state(), step.description());
  }

  /**
   * Goes on from a checkpoint; returns what it did not have, which starts anew. A discriminator
   * that these options do not train is kept for the day when they do again.
   */
  List<String> load(Checkpoint checkpoint) {
    Map<String, List<SafetensorsTensor>> files = new TreeMap<>(checkpoint.files());
    DISCRIMINATORS.forEach(
        (stem, optimizer) -> {
          boolean trained = step.description().trains(stem);
          if (!trained && files.containsKey(stem)) {
            carry(files, stem);
            carry(files, optimizer);
          } else if (!Weights.fits(step.state(), files, stem)) {
            files.remove(stem); // of another shape: what fits by chance is of no use
            files.remove(optimizer);
          }
        });
    List<String> missing = Weights.write(step.state(), files);
    Weights.initialise(step.state(), step.description(), Set.copyOf(missing)::contains);
    return missing;
  }

  private void carry(Map<String, List<SafetensorsTensor>> files, String stem) {
    List<SafetensorsTensor> copies = new ArrayList<>();
    for (SafetensorsTensor t : files.getOrDefault(stem, List.of())) {
      MemorySegment copy = arena.allocate(t.data().byteSize(), 64).copyFrom(t.data());
      copies.add(new SafetensorsTensor(t.name(), t.dtype(), t.shape(), copy));
    }
    carried.put(stem, copies);
  }

  /** Collects the worst samples from where a checkpoint stopped (spec model.md 6.2). */
  void resume(Checkpoint checkpoint) throws IOException {
    List<SafetensorsTensor> saved = checkpoint.files().get(RETRAINING);
    if (step.worst() != null && saved != null) {
      step.worst().restore(saved, batches, checkpoint.iteration());
    }
  }

  /** Starts the inters anew, as the end of pretraining does (spec model.md 6.4). */
  void restartInters() {
    Weights.initialise(step.state(), step.description(), name -> name.startsWith("inter"));
  }

  /** Has the next steps recorded. */
  void profile(Profiler by) {
    profiler = by;
  }

  /** Ends the recording if there is one; returns what was recorded, or null. */
  Profile profile() throws IOException {
    if (profiler == null) {
      return null;
    }
    profiler.finish(this::observe);
    return profiler.profile();
  }

  /** Memory of weights, slots and all programs, as planned before anything was allocated. */
  long plannedMegabytes() {
    List<MemoryPlan> plans =
        Stream.concat(step.plans().stream(), Stream.of(faces.plan()))
            .map(ExecutionPlan::memory)
            .toList();
    long feeds = plans.stream().mapToLong(MemoryPlan::feedBytes).sum();
    long bytes = step.state().bytes() + MemoryPlan.sharedSlabBytes(plans) + feeds;
    return Math.ceilDiv(bytes, 1_000_000);
  }

  @Override
  public Losses step(long iteration) throws IOException {
    boolean written = next != null && nextIteration == iteration;
    feeds = written ? next : batches.take(iteration);
    next = null;
    if (profiler != null) {
      profiler.next(this::observe, iteration);
      written = false; // it may have loaded the programs anew
    }
    step.run(feeds, iteration, written);
    writeNext(iteration + 1);
    Adversaries adversaries = step.description().settings().adversaries();
    return new Losses(
        meanLoss("src_loss"),
        meanLoss("dst_loss"),
        adversaries.hasCode() ? meanLoss(TrainingStep.CODE_LOSS) : 0,
        adversaries.hasPatch() ? meanLoss(TrainingStep.PATCH_LOSS) : 0);
  }

  /** Uploads the samples of the next step while this one computes, if they are ready. */
  private void writeNext(long iteration) throws IOException {
    if (step.overlaps() && batches.ready(iteration)) {
      next = batches.take(iteration);
      nextIteration = iteration;
      step.write(next, iteration);
    }
  }

  @Override
  public long nanosWaited() {
    return batches.nanosWaited();
  }

  @Override
  public List<String> notices() {
    return batches.notices();
  }

  private float meanLoss(String fetch) {
    return (float) Arrays.stream(step.losses(fetch)).average().orElseThrow();
  }

  @Override
  public Map<String, List<SafetensorsTensor>> weights(Arena arena) {
    Map<String, List<SafetensorsTensor>> files = Weights.read(step.state(), arena);
    files.putAll(carried);
    if (step.worst() != null) {
      files.put(RETRAINING, step.worst().saved());
    }
    return files;
  }

  @Override
  public Map<String, String> facts() {
    Map<String, String> facts = new TreeMap<>();
    facts.put("device", device.name() + ": " + device.identity());
    facts.put("java", Runtime.version() + ", " + System.getProperty("os.name"));
    facts.put(
        "plan", step.plans().stream().map(SaehdLearner::plan).collect(Collectors.joining("; ")));
    facts.putAll(plan.facts());
    return facts;
  }

  @Override
  public Algorithms algorithms() {
    return device.algorithms();
  }

  private static String plan(ExecutionPlan plan) {
    Graph graph = plan.graph();
    byte[] text = GraphText.of(graph).getBytes(StandardCharsets.UTF_8);
    return String.format(
        Locale.ROOT,
        "%d nodes in order %s, slab of %d bytes",
        graph.nodes().size(),
        Manifest.hash(MemorySegment.ofArray(text)).substring(0, 16),
        plan.memory().slabBytes());
  }

  @Override
  public BufferedImage preview(long iteration, List<LossHistory.Entry> history) {
    int side = options.resolution();
    int image = rows() * side * side * 3;
    float[] src = seen("target_src", image);
    float[] dst = seen("target_dst", image);
    float[] srcMask = seen("target_srcm", image / 3);
    float[] dstMask = seen("target_dstm", image / 3);
    try (Arena temporary = Arena.ofConfined()) {
      faces.write("src", temporary.allocateFrom(ValueLayout.JAVA_FLOAT, src));
      faces.write("dst", temporary.allocateFrom(ValueLayout.JAVA_FLOAT, dst));
    }
    faces.run();
    float[] dstDstMask = output("dst_dstm", image / 3);
    float[] swapMask = output("src_dstm", image / 3);
    if (!options.get(OptionTable.FACE_TYPE).equals("head")) { // spec model.md 6.7
      for (int i = 0; i < swapMask.length; i++) {
        swapMask[i] *= dstDstMask[i];
      }
    }
    List<Preview.Column> columns =
        List.of(
            new Preview.Column("src", src, srcMask),
            new Preview.Column(
                "src \u2192 src", output("src_src", image), output("src_srcm", image / 3)),
            new Preview.Column("dst", dst, dstMask),
            new Preview.Column("dst \u2192 dst", output("dst_dst", image), dstDstMask),
            new Preview.Column("src \u2192 dst", output("src_dst", image), swapMask));
    String title = String.format(Locale.ROOT, "%s, iteration %d", options.archi(), iteration);
    return Preview.draw(columns, side, rows(), title, history);
  }

  private float[] output(String fetch, int size) {
    try (Arena temporary = Arena.ofConfined()) {
      MemorySegment values = temporary.allocate(ValueLayout.JAVA_FLOAT, size);
      faces.read(fetch, values);
      return values.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  /** The first values of a feed of the last step, 0..1. */
  private float[] seen(String feed, int size) {
    MemorySegment values = feeds.get(feed);
    float[] seen = new float[size];
    boolean packed = step.description().settings().packed();
    for (int i = 0; i < size; i++) {
      seen[i] =
          packed
              ? Byte.toUnsignedInt(values.get(ValueLayout.JAVA_BYTE, i)) / 255f
              : values.getAtIndex(ValueLayout.JAVA_FLOAT, i);
    }
    return seen;
  }

  @Override
  public void close() {
    faces.close();
    step.close();
    arena.close();
  }
}
