package org.likeness.saehd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.graph.Differentiator;
import org.likeness.graph.FuseEpilogues;
import org.likeness.graph.Graph;
import org.likeness.graph.Prune;
import org.likeness.graph.Scheduler;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Initializer;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;

/**
 * One iteration as a graph: forward, loss, gradients, update (spec model.md 6.1).
 *
 * <p>Feeds: {@code warped_src, target_src} (n,R,R,3), {@code target_srcm} (n,R,R,1), and where the
 * losses weigh eyes or mouth {@code target_srcm_em} (n,R,R,1); the same of dst. Fetches: {@code
 * src_loss, dst_loss} (n), before the update.
 *
 * @param graph everything that can be computed, not pruned and in no particular order
 * @param parameters with their initialisers, in the order of their declaration
 * @param gradients of each trained parameter, summed over the batch
 */
public record TrainingStep(
    Architecture architecture,
    StepSettings settings,
    Graph graph,
    Map<Tensor, Initializer> parameters,
    Map<Tensor, Tensor> gradients) {
  /** Describes the step. */
  public static TrainingStep describe(Architecture architecture, StepSettings settings) {
    Model model = new Model(settings.dtype());
    Networks networks = new Networks(model, architecture);
    int n = settings.batch();
    int r = architecture.resolution();
    Shape image = Shape.of(n, r, r, 3);
    Shape mask = Shape.of(n, r, r, 1);
    Tensor warpedSrc = model.feed("warped_src", image);
    Tensor targetSrc = model.feed("target_src", image);
    Tensor maskSrc = model.feed("target_srcm", mask);
    Tensor warpedDst = model.feed("warped_dst", image);
    Tensor targetDst = model.feed("target_dst", image);
    Tensor maskDst = model.feed("target_dstm", mask);

    Decoder.Face srcSrc = networks.decodeSrc(networks.srcCode(warpedSrc));
    Networks.DstCodes codes = networks.dstCodes(warpedDst);
    Decoder.Face dstDst = networks.decodeDst(codes.itself());
    Decoder.Face srcDst = networks.decodeSrc(codes.swapped());

    LossSettings losses = settings.losses();
    Targets src = Targets.prepare(model, "loss_src", r, losses, targetSrc, maskSrc);
    Targets dst = Targets.prepare(model, "loss_dst", r, losses, targetDst, maskDst);
    Tensor srcLoss =
        new ReconstructionLoss(model, "loss_src", r, losses)
            .of(src, codes(model, losses, "target_srcm_em", mask), srcSrc);
    Tensor dstLoss =
        new ReconstructionLoss(model, "loss_dst", r, losses)
            .of(dst, codes(model, losses, "target_dstm_em", mask), dstDst);
    if (losses.styled()) {
      Faces.Swap swap = new Faces.Swap(networks, codes, srcDst, dstDst);
      srcLoss = styled(model, r, losses, srcLoss, swap, src, dst);
    }
    Tensor total = new Losses(model, "loss").sum("total", srcLoss, dstLoss);
    model.fetch("src_loss", srcLoss);
    model.fetch("dst_loss", dstLoss);
    Faces.fetch(model, "src_src", "src_srcm", srcSrc);
    Faces.fetch(model, "dst_dst", "dst_dstm", dstDst);
    Faces.fetch(model, "src_dst", "src_dstm", srcDst);

    List<Tensor> parameters = List.copyOf(model.parameters().keySet());
    List<Tensor> trained =
        parameters.stream()
            .filter(p -> settings.trainInterAb() || !p.name().startsWith("inter_AB/"))
            .toList();
    Differentiator.Result backward = Differentiator.differentiate(model.build(), total, trained);
    Graph updated =
        settings.optimizer().update(backward.graph(), parameters, backward.of(), settings.seed());
    return new TrainingStep(
        architecture, settings, updated, new LinkedHashMap<>(model.parameters()), backward.of());
  }

  /** Declares a side's eye and mouth codes (n,R,R,1) where the losses read them. */
  private static Tensor codes(Model model, LossSettings losses, String name, Shape shape) {
    return losses.priority() == LossSettings.Priority.NONE ? null : model.feed(name, shape);
  }

  private static Tensor styled(
      Model model, int r, LossSettings settings, Tensor loss, Faces.Swap swap, Targets... sides) {
    Losses losses = new Losses(model, "style");
    StyleLoss style = new StyleLoss(model, r);
    Tensor sum = loss;
    if (settings.faceStyle() > 0) {
      Tensor image = swap.networks().decodeSrcImage(swap.stopped(model));
      Tensor face = style.face(image, swap.srcDst().mask(), swap.dstDst());
      sum = losses.sum("with_face", sum, losses.times(settings.faceStyle() / 100, face));
    }
    if (settings.backgroundStyle() > 0) {
      Tensor background =
          style.background(swap.srcDst().image(), sides[1].image(), sides[0].softMask());
      double weight = settings.backgroundStyle() / 100;
      sum = losses.sum("with_background", sum, losses.times(weight, background));
    }
    return sum;
  }

  /** Returns the step ready to plan, fetching only the two losses: no src-to-dst face is made. */
  public Graph scheduled() {
    return scheduled(List.of("src_loss", "dst_loss"), false);
  }

  /**
   * Returns the step ready to plan with other fetches.
   *
   * @param names of forward values
   * @param withGradients whether each gradient is fetched too, as {@code grad/} and its parameter
   */
  public Graph scheduled(List<String> names, boolean withGradients) {
    Map<String, Tensor> fetches = new LinkedHashMap<>();
    names.forEach(name -> fetches.put(name, graph.fetches().get(name)));
    if (withGradients) {
      gradients.forEach((p, g) -> fetches.put("grad/" + p.name(), g));
    }
    return Scheduler.schedule(FuseEpilogues.apply(Prune.apply(graph.fetching(fetches))));
  }
}
