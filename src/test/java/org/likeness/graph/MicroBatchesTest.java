package org.likeness.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class MicroBatchesTest {
  private static final String LEAVES =
      """
      feed %x (4,3) f32 48 B in activations
      parameter %w (3,2) f32 24 B in parameters
      """;

  /** One dense layer, a loss and the weight's gradient. */
  private static Graph step() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(4, 3), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(3, 2), DType.F32);
    Tensor y = b.add("y", new Linear.Dense(1, false), x, w);
    Tensor loss = b.add("loss", new Reduction.SumPerSample(1), y);
    b.fetch("loss", loss);
    Differentiator.Result d = Differentiator.differentiate(b.build(), loss, List.of(w));
    GraphBuilder all = new GraphBuilder(d.graph());
    all.fetch("dw", all.add("twice", new Pointwise.Affine(2, 0), d.of().get(w)));
    return Prune.apply(all.build());
  }

  @Test
  void eachPartIsComputedByItselfAndTheSharesOfTheGradientAddUp() {
    assertEquals(
        LEAVES
            + """
            %y (4,2) f32 32 B in activations = dense [scale=1.0, bias=false] (%x, %w)
            %loss (4) f32 16 B in activations = sumPerSample [scale=1.0] (%y)
            %d/loss (4) f32 16 B in activations = constant [shape=(4), type=F32, value=1.0] ()
            %d/y (4,2) f32 32 B in activations = spreadPerSample [scale=1.0, shape=(4,2)] (%d/loss)
            %d/w (3,2) f32 24 B in activations = denseWgrad [scale=1.0, bias=false] (%x, %d/y)
            %twice (3,2) f32 24 B in activations = affine [scale=2.0, shift=0.0] (%d/w)
            fetch loss = %loss
            fetch dw = %twice
            """,
        GraphText.of(step()));
    assertEquals(
        LEAVES
            + """
            %x~0 (2,3) f32 24 B in activations = slice [axis=0, from=0, to=2] (%x)
            %x~1 (2,3) f32 24 B in activations = slice [axis=0, from=2, to=4] (%x)
            %y~0 (2,2) f32 16 B in activations = dense [scale=1.0, bias=false] (%x~0, %w)
            %y~1 (2,2) f32 16 B in activations = dense [scale=1.0, bias=false] (%x~1, %w)
            %loss~0 (2) f32 8 B in activations = sumPerSample [scale=1.0] (%y~0)
            %loss~1 (2) f32 8 B in activations = sumPerSample [scale=1.0] (%y~1)
            %d/loss~0 (2) f32 8 B in activations = constant [shape=(2), type=F32, value=1.0] ()
            %d/loss~1 (2) f32 8 B in activations = constant [shape=(2), type=F32, value=1.0] ()
            %d/y~0 (2,2) f32 16 B in activations = spreadPerSample [scale=1.0, shape=(2,2)] \
            (%d/loss~0)
            %d/y~1 (2,2) f32 16 B in activations = spreadPerSample [scale=1.0, shape=(2,2)] \
            (%d/loss~1)
            %d/w~0 (3,2) f32 24 B in activations = denseWgrad [scale=1.0, bias=false] (%x~0, %d/y~0)
            %d/w~1 (3,2) f32 24 B in activations = denseWgrad [scale=1.0, bias=false] (%x~1, %d/y~1)
            %d/w (3,2) f32 24 B in activations = add [kind=ADD] (%d/w~0, %d/w~1)
            %twice (3,2) f32 24 B in activations = affine [scale=2.0, shift=0.0] (%d/w)
            %loss (4) f32 16 B in activations = concat [axis=0] (%loss~0, %loss~1)
            fetch loss = %loss
            fetch dw = %twice
            """,
        GraphText.of(MicroBatches.apply(step(), Cut.all(2))));
  }

  /** Part 0 is over before part 1 begins, and its gradient is added up at once. */
  @Test
  void theSchedulerPutsThePartsInSeries() {
    List<String> order =
        Scheduler.schedule(MicroBatches.apply(step(), Cut.all(4))).nodes().stream()
            .map(n -> n.output().name())
            .filter(name -> name.matches("y~.|d/w.*"))
            .toList();
    assertEquals(
        List.of(
            "y~0", "d/w~0", "y~1", "d/w~1", "d/w+1", "y~2", "d/w~2", "d/w+2", "y~3", "d/w~3",
            "d/w"),
        order);
  }

  /** A dense layer, a convolution of its code and the difference from a target. */
  private static Graph decoder() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(4, 3), DType.F32);
    Tensor goal = b.leaf(Role.FEED, "goal", Shape.of(4, 1, 1, 5), DType.F32);
    Tensor w = b.leaf(Role.PARAMETER, "w", Shape.of(3, 2), DType.F32);
    Tensor k = b.leaf(Role.PARAMETER, "k", Shape.of(5, 1, 1, 2), DType.F32);
    Tensor dense = b.add("dense", new Linear.Dense(1, false), x, w);
    Tensor code = b.add("code", new Movement.Reshape4D(1, 1, 2), dense);
    Linear.Conv2d conv = new Linear.Conv2d(Window.centred(1, 1), 1, false, Linear.Epilogue.NONE);
    Tensor y = b.add("y", conv, code, k);
    Tensor miss = b.add("miss", new Pointwise.Binary(Pointwise.Binary.Kind.MUL), y, goal);
    Tensor loss = b.add("loss", new Reduction.SumPerSample(1), miss);
    Differentiator.Result d = Differentiator.differentiate(b.build(), loss, List.of(w, k));
    GraphBuilder all = new GraphBuilder(d.graph());
    all.fetch("dw", d.of().get(w));
    all.fetch("dk", d.of().get(k));
    return Prune.apply(all.build());
  }

  @Test
  void theTrunkStaysWholeBetweenPartsSlicedAndJoined() {
    assertEquals(
        """
        feed %x (4,3) f32 48 B in activations
        feed %goal (4,1,1,5) f32 80 B in activations
        parameter %w (3,2) f32 24 B in parameters
        parameter %k (5,1,1,2) f32 40 B in parameters
        %dense (4,2) f32 32 B in activations = dense [scale=1.0, bias=false] (%x, %w)
        %dense~0 (2,2) f32 16 B in activations = slice [axis=0, from=0, to=2] (%dense)
        %dense~1 (2,2) f32 16 B in activations = slice [axis=0, from=2, to=4] (%dense)
        %code~0 (2,1,1,2) f32 16 B in activations = reshape4D [h=1, w=1, c=2] (%dense~0)
        %code~1 (2,1,1,2) f32 16 B in activations = reshape4D [h=1, w=1, c=2] (%dense~1)
        %d/loss~0 (2) f32 8 B in activations = constant [shape=(2), type=F32, value=1.0] ()
        %d/loss~1 (2) f32 8 B in activations = constant [shape=(2), type=F32, value=1.0] ()
        %d/miss~0 (2,1,1,5) f32 40 B in activations = spreadPerSample [scale=1.0, shape=(2,1,1,5)] \
        (%d/loss~0)
        %d/miss~1 (2,1,1,5) f32 40 B in activations = spreadPerSample [scale=1.0, shape=(2,1,1,5)] \
        (%d/loss~1)
        %goal~0 (2,1,1,5) f32 40 B in activations = slice [axis=0, from=0, to=2] (%goal)
        %goal~1 (2,1,1,5) f32 40 B in activations = slice [axis=0, from=2, to=4] (%goal)
        %d/y~0 (2,1,1,5) f32 40 B in activations = mul [kind=MUL] (%d/miss~0, %goal~0)
        %d/y~1 (2,1,1,5) f32 40 B in activations = mul [kind=MUL] (%d/miss~1, %goal~1)
        %d/k~0 (5,1,1,2) f32 40 B in activations = conv2dWgrad [window=s1 p0, scale=1.0, \
        weight=(5,1,1,2), bias=false] (%code~0, %d/y~0)
        %d/k~1 (5,1,1,2) f32 40 B in activations = conv2dWgrad [window=s1 p0, scale=1.0, \
        weight=(5,1,1,2), bias=false] (%code~1, %d/y~1)
        %d/code~0 (2,1,1,2) f32 16 B in activations = conv2dDgrad [window=s1 p0, scale=1.0, \
        input=(2,1,1,2)] (%d/y~0, %k)
        %d/code~1 (2,1,1,2) f32 16 B in activations = conv2dDgrad [window=s1 p0, scale=1.0, \
        input=(2,1,1,2)] (%d/y~1, %k)
        %d/dense~0 (2,2) f32 16 B in activations = flatten (%d/code~0)
        %d/dense~1 (2,2) f32 16 B in activations = flatten (%d/code~1)
        %d/dense (4,2) f32 32 B in activations = concat [axis=0] (%d/dense~0, %d/dense~1)
        %d/w (3,2) f32 24 B in activations = denseWgrad [scale=1.0, bias=false] (%x, %d/dense)
        %d/k (5,1,1,2) f32 40 B in activations = add [kind=ADD] (%d/k~0, %d/k~1)
        fetch dw = %d/w
        fetch dk = %d/k
        """,
        GraphText.of(MicroBatches.apply(decoder(), Cut.afterTrunk(2))));
  }

  @Test
  void withoutADenseLayerThereIsNoTrunk() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(4, 3), DType.F32);
    b.fetch("y", b.add("y", new Pointwise.Affine(2, 0), b.add("z", new Pointwise.Affine(3, 0), x)));
    assertEquals(
        MicroBatches.apply(b.build(), Cut.all(2)),
        MicroBatches.apply(b.build(), Cut.afterTrunk(2)));
  }

  @Test
  void oneMicroBatchIsTheBatch() {
    Graph graph = step();
    assertEquals(graph, MicroBatches.apply(graph, Cut.all(1)));
  }

  @Test
  void refusesPartsOfDifferentSizes() {
    var refusal =
        assertThrows(IllegalArgumentException.class, () -> MicroBatches.apply(step(), Cut.all(3)));
    assertEquals("3 micro-batches do not divide the batch of 4 evenly", refusal.getMessage());
  }

  @Test
  void refusesWhatMixesSamples() {
    GraphBuilder b = new GraphBuilder();
    Tensor x = b.leaf(Role.FEED, "x", Shape.of(4, 3), DType.F32);
    b.fetch("y", b.add("y", new Movement.Concat(0), x, x));
    var refusal =
        assertThrows(
            IllegalArgumentException.class, () -> MicroBatches.apply(b.build(), Cut.all(2)));
    assertEquals("concat: mixes samples; it has no micro-batches", refusal.getMessage());
  }
}
