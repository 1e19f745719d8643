package org.likeness.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.Pointwise.Binary;

/**
 * Cuts a step's batch into equal parts that are computed one after another (spec performance.md 0,
 * fact 1): no operation mixes samples, so each part's forward and backward pass is the whole's with
 * fewer samples, and what a weight gradient sums over the batch is the sum of the parts'. Updates
 * run once, on that sum, as before. Nodes that stay whole read parts joined, and parts are sliced
 * from what they make.
 */
public final class MicroBatches {
  private final Graph graph;
  private final int batch;
  private final int parts;
  private final Samples samples;

  /** Nodes with samples that are not cut. */
  private final Set<Node> trunk;

  private final List<Node> made = new ArrayList<>();

  /** What became of a value: its samples part by part, or for a sum each part's share of it. */
  private final Map<Integer, List<Tensor>> pieces = new HashMap<>();

  /** The values that each sum over the batch adds up, by its id; one with pieces is its own. */
  private final Map<Integer, List<Integer>> terms = new HashMap<>();

  private final Map<Integer, Passes.Pass> passes;

  private final Map<Integer, Tensor> totals = new HashMap<>();
  private int nextId;

  private MicroBatches(Graph graph, Cut cut) {
    this.graph = graph;
    parts = cut.parts();
    batch = batch(graph);
    samples = Samples.of(graph);
    trunk = cut.wholeTrunk() ? Trunk.of(graph, samples) : Set.of();
    passes = Passes.of(graph);
    if (batch % parts != 0) {
      throw new IllegalArgumentException(
          parts + " micro-batches do not divide the batch of " + batch + " evenly");
    }
    graph.leaves().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    for (Node node : graph.nodes()) {
      node.outputs().forEach(t -> nextId = Math.max(nextId, t.id() + 1));
    }
  }

  /** Returns the samples of a step: the first extent of its first feed. */
  public static int batch(Graph graph) {
    return graph.leaves(Role.FEED).getFirst().shape().n();
  }

  /**
   * Returns the graph with micro-batches; run it after differentiation and before the scheduler,
   * which puts them in series. Leaves and fetches stay as they are.
   */
  public static Graph apply(Graph graph, Cut cut) {
    return cut.parts() == 1 ? graph : new MicroBatches(graph, cut).cut();
  }

  private Graph cut() {
    graph.nodes().forEach(this::translate);
    graph.fetches().values().forEach(this::whole);
    return new Graph(graph.leaves(), made, graph.fetches());
  }

  private void translate(Node node) {
    if (isSum(node)) {
      List<Integer> all = new ArrayList<>();
      node.inputs().forEach(t -> all.addAll(terms.get(t.id())));
      terms.put(node.output().id(), all);
    } else if (samples.reads(node) && !trunk.contains(node)) {
      repeat(node);
    } else {
      node.inputs().forEach(this::whole);
      made.add(node);
      node.outputs().forEach(t -> totals.put(t.id(), t));
    }
  }

  /** Tells whether a node adds two sums over the batch. */
  private boolean isSum(Node node) {
    return node.op() instanceof Binary add
        && add.kind() == Binary.Kind.ADD
        && node.inputs().stream().allMatch(t -> terms.containsKey(t.id()))
        && node.inputs().get(0).shape().equals(node.inputs().get(1).shape());
  }

  /** Writes a node once for each part. */
  private void repeat(Node node) {
    if (node.hasEffect()) {
      throw node.op().refusal("changes a tensor by samples; it has no micro-batches");
    }
    for (Tensor input : node.inputs()) {
      if (samples.has(input)) {
        pieces.computeIfAbsent(input.id(), id -> slices(input));
      } else {
        whole(input);
      }
    }
    node.outputs().forEach(t -> pieces.put(t.id(), new ArrayList<>()));
    Op op = resized(node.op());
    for (int part = 0; part < parts; part++) {
      List<Tensor> inputs = new ArrayList<>();
      List<Tensor> outputs = new ArrayList<>();
      for (Tensor input : node.inputs()) {
        inputs.add(samples.has(input) ? pieces.get(input.id()).get(part) : input);
      }
      for (Tensor output : node.outputs()) {
        outputs.add(named(output, part));
      }
      List<Tensor> piece = add(op, inputs, outputs);
      for (int i = 0; i < piece.size(); i++) {
        pieces.get(node.outputs().get(i).id()).add(piece.get(i));
      }
    }
    if (samples.sums(node)) {
      node.outputs().forEach(t -> terms.put(t.id(), List.of(t.id())));
      Passes.Pass pass = passes.get(node.inputs().getFirst().id());
      node.outputs().forEach(t -> passes.put(t.id(), pass));
    }
  }

  /** Cuts a feed, or what a whole node makes, into its parts. */
  private List<Tensor> slices(Tensor whole) {
    int size = batch / parts;
    List<Tensor> slices = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      Op slice = new Movement.Slice(0, part * size, (part + 1) * size);
      slices.add(add(slice, List.of(whole), List.of(named(whole, part))).getFirst());
    }
    return slices;
  }

  /** Returns the operation on a part of the batch. */
  private Op resized(Op op) {
    return switch (op) {
      case Linear.Conv2dDgrad o -> new Linear.Conv2dDgrad(o.window(), o.scale(), part(o.input()));
      case Pointwise.Constant o -> new Pointwise.Constant(part(o.shape()), o.type(), o.value());
      case Reduction.SpreadPerSample o -> new Reduction.SpreadPerSample(o.scale(), part(o.shape()));
      case Reduction.SumTo o -> new Reduction.SumTo(part(o.shape()));
      case Reduction.RepeatTo o -> new Reduction.RepeatTo(part(o.shape()));
      case Movement.Concat o when o.axis() == 0 -> throw mixes(op);
      case Movement.Slice o when o.axis() == 0 -> throw mixes(op);
      case Movement.Pad o when o.axis() == 0 -> throw mixes(op);
      case Update o -> throw mixes(op);
      case Linear o -> o;
      case Pointwise o -> o;
      case Movement o -> o;
      case Reduction o -> o;
      case Image o -> o;
    };
  }

  private static IllegalArgumentException mixes(Op op) {
    return op.refusal("mixes samples; it has no micro-batches");
  }

  private Shape part(Shape shape) {
    return shape.n() == batch ? shape.with(0, batch / parts) : shape;
  }

  /** A tensor's part, still of the whole's shape. */
  private static Tensor named(Tensor whole, int part) {
    return new Tensor(
        whole.id(), whole.name() + "~" + part, whole.shape(), whole.dtype(), Role.VALUE);
  }

  /** Adds a node whose outputs get new ids and the shapes that the operation infers. */
  private List<Tensor> add(Op op, List<Tensor> inputs, List<Tensor> like) {
    List<Shape> shapes = op.infer(inputs.stream().map(Tensor::shape).toList());
    List<Tensor> outputs = new ArrayList<>();
    for (int i = 0; i < like.size(); i++) {
      Tensor t = like.get(i);
      outputs.add(new Tensor(nextId++, t.name(), shapes.get(i), t.dtype(), Role.VALUE));
    }
    made.add(new Node(op, inputs, outputs));
    return outputs;
  }

  /** Makes sure that a tensor exists as it was: joins its parts, or adds them up. */
  private void whole(Tensor t) {
    if (t.role() != Role.VALUE || totals.containsKey(t.id())) {
      return;
    }
    List<Integer> sum = terms.get(t.id());
    if (sum != null) {
      totals.put(t.id(), t);
      addUp(t, sum);
    } else if (pieces.containsKey(t.id())) {
      totals.put(t.id(), t);
      made.add(new Node(new Movement.Concat(0), pieces.get(t.id()), List.of(t)));
    }
  }

  /** Adds in the order in which the scheduler makes the addends, so that none of them waits. */
  private void addUp(Tensor total, List<Integer> terms) {
    List<Integer> sum = new ArrayList<>(terms);
    sum.sort(Comparator.comparing(passes::get));
    List<Tensor> addends = new ArrayList<>();
    if (trunk.isEmpty()) {
      for (int part = 0; part < parts; part++) {
        for (int term : sum) {
          addends.add(pieces.get(term).get(part));
        }
      }
    } else { // all parts of a pass before the next pass
      sum.forEach(term -> addends.addAll(pieces.get(term)));
    }
    Op add = new Binary(Binary.Kind.ADD);
    Tensor so = addends.getFirst();
    for (int i = 1; i < addends.size() - 1; i++) {
      so = add(add, List.of(so, addends.get(i)), List.of(sumOf(total, i))).getFirst();
    }
    made.add(new Node(add, List.of(so, addends.getLast()), List.of(total)));
  }

  private static Tensor sumOf(Tensor total, int count) {
    return new Tensor(
        total.id(), total.name() + "+" + count, total.shape(), total.dtype(), Role.VALUE);
  }
}
