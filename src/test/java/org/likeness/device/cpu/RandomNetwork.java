package org.likeness.device.cpu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.likeness.graph.Activation;
import org.likeness.graph.DType;
import org.likeness.graph.Differentiator;
import org.likeness.graph.Graph;
import org.likeness.graph.Movement;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Pointwise.Binary;
import org.likeness.graph.Reduction;
import org.likeness.graph.Role;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Conv2d;
import org.likeness.nn.Dense;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;
import org.likeness.nn.Optimizer;

/**
 * A training step in f64 of a network that a seed draws: one encoder, dense layers that the passes
 * share or do not, one or two decoders with one or two heads, two passes and at times a third that
 * decodes one side's code with the other side's decoder, as SAEHD's styles do.
 */
final class RandomNetwork {
  static final int BATCH = 8;
  private static final int SIDE = 8;

  private final Random random;
  private final Model model = new Model(DType.F64);
  private final Losses losses = new Losses(model, "loss");
  private int layers;

  private RandomNetwork(long seed) {
    random = new Random(seed);
  }

  /** Returns the step with its gradients and updates, as it is written. */
  static Graph step(long seed) {
    return new RandomNetwork(seed).describe();
  }

  /** Returns what every leaf begins with. */
  static Map<String, double[]> leaves(Graph graph, long seed) {
    Random random = new Random(seed);
    Map<String, double[]> leaves = new HashMap<>();
    for (Tensor leaf : graph.leaves()) {
      double low = leaf.role() == Role.PARAMETER ? -0.3 : 0;
      double high = leaf.dtype() == DType.I64 ? Double.MIN_VALUE : low + 0.6;
      leaves.put(leaf.name(), random.doubles(leaf.shape().elements(), low, high).toArray());
    }
    return leaves;
  }

  private Graph describe() {
    UnaryOperator<Tensor> encoder = spatial("encoder", 3, 2 + random.nextInt(4));
    Tensor a = encoder.apply(model.feed("a", shape(3)));
    Tensor b = encoder.apply(model.feed("b", shape(3)));
    int width = 2 + random.nextInt(5);
    UnaryOperator<Tensor> common = bottleneck("inter", a, width);
    UnaryOperator<Tensor> other = random.nextBoolean() ? common : bottleneck("other", a, width);
    Tensor codeA = common.apply(a);
    Tensor codeB = other.apply(b);
    UnaryOperator<Tensor> decoder = decoder("decoder", width);
    UnaryOperator<Tensor> second = random.nextBoolean() ? decoder : decoder("second", width);
    List<Tensor> sum =
        new ArrayList<>(List.of(loss(decoder, codeA, "a"), loss(second, codeB, "b")));
    if (random.nextBoolean()) {
      Tensor code = codeB;
      if (random.nextBoolean()) {
        code = model.add("stopped", new Pointwise.StopGradient(), codeB);
      }
      sum.add(losses.times(0.3, loss(decoder, code, "crossed")));
    }
    Tensor total = losses.sum("total", sum.toArray(Tensor[]::new));
    model.fetch("total", total);
    List<Tensor> parameters = List.copyOf(model.parameters().keySet());
    Differentiator.Result result = Differentiator.differentiate(model.build(), total, parameters);
    return optimizer().update(result.graph(), parameters, result.of(), 7);
  }

  private Optimizer optimizer() {
    Optimizer.Rule rule = random.nextBoolean() ? Optimizer.Rule.ADABELIEF : Optimizer.Rule.RMSPROP;
    double clip = random.nextBoolean() ? 0.01 : 0;
    return new Optimizer("opt", rule, 1e-3, 0, clip, random.nextBoolean() ? 1 : 0.3);
  }

  private static Shape shape(int channels) {
    return Shape.of(BATCH, SIDE, SIDE, channels);
  }

  /** Some layers that keep the extents. */
  private UnaryOperator<Tensor> spatial(String name, int in, int channels) {
    UnaryOperator<Tensor> all = activated(name, in, channels);
    for (int left = random.nextInt(6); left > 0; left--) {
      UnaryOperator<Tensor> before = all;
      UnaryOperator<Tensor> next =
          switch (random.nextInt(4)) {
            case 0 -> residual(name, channels);
            case 1 -> downAndUp(name, channels);
            case 2 -> x -> model.add(name + "/norm", new Reduction.PixelNorm(1e-6), x);
            default -> activated(name, channels, channels);
          };
      all = x -> next.apply(before.apply(x));
    }
    return all;
  }

  private UnaryOperator<Tensor> activated(String name, int in, int out) {
    String layer = name + "/conv" + layers++;
    Conv2d conv = Conv2d.of(model, layer, in, out, random.nextBoolean() ? 3 : 1, 1);
    Activation activation = random.nextInt(4) == 0 ? Activation.X_COS_X : Activation.leakyRelu(0.1);
    return x -> model.add(layer + "/act", new Pointwise.Activate(activation), conv.apply(x));
  }

  private UnaryOperator<Tensor> residual(String name, int channels) {
    UnaryOperator<Tensor> inner = activated(name, channels, channels);
    String layer = name + "/res" + layers++;
    Conv2d conv = Conv2d.of(model, layer, channels, channels, 3, 1);
    return x -> {
      Tensor sum =
          model.add(layer + "/sum", new Binary(Binary.Kind.ADD), conv.apply(inner.apply(x)), x);
      return model.add(layer + "/act", new Pointwise.Activate(Activation.leakyRelu(0.2)), sum);
    };
  }

  private UnaryOperator<Tensor> downAndUp(String name, int channels) {
    String layer = name + "/down" + layers++;
    Conv2d down = Conv2d.of(model, layer, channels, channels, 3, 2);
    UnaryOperator<Tensor> wide = activated(name, channels, 4 * channels);
    return x -> model.add(layer + "/up", new Movement.DepthToSpace(2), wide.apply(down.apply(x)));
  }

  /** Two dense layers, to a picture of {@code width} channels. */
  private UnaryOperator<Tensor> bottleneck(String name, Tensor encoded, int width) {
    int in = encoded.shape().c() * SIDE * SIDE;
    int narrow = 2 + random.nextInt(4);
    Dense first = Dense.of(model, name + "/dense1", in, narrow);
    Dense second = Dense.of(model, name + "/dense2", narrow, SIDE * SIDE * width);
    return x ->
        model.add(
            name + "/code",
            new Movement.Reshape4D(SIDE, SIDE, width),
            second.apply(first.apply(model.add(name + "/flat", new Movement.Flatten(), x))));
  }

  /** One or two branches, each with a head of three channels, that are joined. */
  private UnaryOperator<Tensor> decoder(String name, int width) {
    UnaryOperator<Tensor> image = headed(name + "/image", width);
    if (random.nextBoolean()) {
      return image;
    }
    UnaryOperator<Tensor> mask = headed(name + "/mask", width);
    return code ->
        model.add(name + "/face", new Binary(Binary.Kind.MUL), image.apply(code), mask.apply(code));
  }

  private UnaryOperator<Tensor> headed(String name, int width) {
    int channels = 2 + random.nextInt(4);
    UnaryOperator<Tensor> body = spatial(name, width, channels);
    Conv2d head = Conv2d.of(model, name + "/head", channels, 3, 1, 1);
    return code ->
        model.add(
            name + "/out",
            new Pointwise.Activate(Activation.SIGMOID),
            head.apply(body.apply(code)));
  }

  private Tensor loss(UnaryOperator<Tensor> decoder, Tensor code, String name) {
    Tensor target = model.feed("target_" + name, shape(3));
    Tensor made = decoder.apply(code);
    return random.nextBoolean()
        ? losses.meanSquaredError(name, target, made)
        : losses.meanAbsoluteError(name, target, made);
  }
}
