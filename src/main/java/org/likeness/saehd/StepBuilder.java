package org.likeness.saehd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.likeness.graph.DType;
import org.likeness.graph.Differentiator;
import org.likeness.graph.Graph;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.LossScaling;
import org.likeness.nn.Losses;
import org.likeness.nn.Model;
import org.likeness.nn.Optimizer;

/**
 * Writes a training step down in the order of spec model.md 6.1: the generator's update, then each
 * discriminator's, on what the updated generator makes.
 */
final class StepBuilder {
  private final Architecture architecture;
  private final StepSettings settings;
  private final LossSettings losses;
  private final Adversaries adversaries;
  private final Model model;
  private final Networks networks;
  private final List<Tensor> generator;
  private final CodeDiscriminator code; // null when there is none
  private final List<Tensor> codeParameters;
  private final PatchDiscriminator patch; // null when there is none
  private final List<Tensor> patchParameters;
  private final Map<Tensor, Tensor> gradients = new LinkedHashMap<>();
  private final Tensor warpedSrc; // (n,R,R,3)
  private final Tensor warpedDst; // (n,R,R,3)
  private final Targets src;
  private final Targets dst;

  StepBuilder(Architecture architecture, StepSettings settings) {
    this.architecture = architecture;
    this.settings = settings;
    losses = settings.losses();
    adversaries = settings.adversaries();
    model = new Model(settings.masterType());
    networks = new Networks(model, architecture);
    generator = List.copyOf(model.parameters().keySet());
    code = adversaries.hasCode() ? new CodeDiscriminator(model, architecture) : null;
    codeParameters = declaredAfter(generator.size());
    patch = adversaries.hasPatch() ? new PatchDiscriminator(model, adversaries.patch()) : null;
    patchParameters = declaredAfter(generator.size() + codeParameters.size());
    int r = architecture.resolution();
    Shape image = Shape.of(settings.batch(), r, r, 3);
    Shape mask = Shape.of(settings.batch(), r, r, 1);
    warpedSrc = sample("warped_src", image);
    Tensor targetSrc = sample("target_src", image);
    Tensor maskSrc = sample("target_srcm", mask);
    warpedDst = sample("warped_dst", image);
    Tensor targetDst = sample("target_dst", image);
    Tensor maskDst = sample("target_dstm", mask);
    src = Targets.prepare(model, "loss_src", r, losses, targetSrc, maskSrc);
    dst = Targets.prepare(model, "loss_dst", r, losses, targetDst, maskDst);
  }

  /** Declares a part of the samples and returns its values 0..1, in the step's element type. */
  private Tensor sample(String name, Shape shape) {
    if (!settings.packed()) {
      return model.feed(name, shape);
    }
    Tensor bytes = model.feed(name, shape, DType.U8);
    Tensor values = model.add(name + "/values", new Pointwise.Cast(settings.masterType()), bytes);
    return model.add(name + "/unit", new Pointwise.Affine(1 / 255.0, 0), values);
  }

  private List<Tensor> declaredAfter(int count) {
    List<Tensor> all = List.copyOf(model.parameters().keySet());
    return all.subList(count, all.size());
  }

  /** Returns the step made of these parts. */
  TrainingStep build(Set<TrainingStep.Part> parts) {
    if (parts.contains(TrainingStep.Part.GENERATOR)) {
      generator();
    }
    if (parts.contains(TrainingStep.Part.DISCRIMINATORS) && adversaries.any()) {
      discriminators();
    }
    return new TrainingStep(
        architecture, settings, model.build(), new LinkedHashMap<>(model.parameters()), gradients);
  }

  private void generator() {
    Tensor srcCode = networks.srcCode(warpedSrc);
    Decoder.Face srcSrc = networks.decodeSrc(srcCode);
    Networks.DstCodes codes = networks.dstCodes(warpedDst);
    Decoder.Face dstDst = networks.decodeDst(codes.itself());
    Decoder.Face srcDst = networks.decodeSrc(codes.swapped());

    int r = architecture.resolution();
    ReconstructionLoss srcTerms = new ReconstructionLoss(model, "loss_src", r, losses);
    ReconstructionLoss.Pair seen = srcTerms.seen(src, srcSrc.image());
    Tensor srcLoss = srcTerms.of(src, parts("target_srcm"), srcSrc, seen);
    ReconstructionLoss dstTerms = new ReconstructionLoss(model, "loss_dst", r, losses);
    Tensor dstLoss =
        dstTerms.of(dst, parts("target_dstm"), dstDst, dstTerms.seen(dst, dstDst.image()));
    if (losses.styled()) {
      srcLoss = styled(srcLoss, new Faces.Swap(networks, codes, srcDst, dstDst));
    }
    Tensor total = new Losses(model, "loss").sum("total", srcLoss, dstLoss);
    total = opposed(total, srcCode, seen, srcSrc);
    model.fetch("src_loss", srcLoss);
    model.fetch("dst_loss", dstLoss);
    Faces.fetch(model, "src_src", "src_srcm", srcSrc);
    Faces.fetch(model, "dst_dst", "dst_dstm", dstDst);
    Faces.fetch(model, "src_dst", "src_dstm", srcDst);
    List<Tensor> trained =
        generator.stream()
            .filter(p -> settings.trainInterAb() || !p.name().startsWith("inter_AB/"))
            .toList();
    update(total, settings.optimizer(), generator, trained);
  }

  /** Declares a side's eyes and mouth (n,R,R,1) where the losses read them. */
  private ReconstructionLoss.Parts parts(String mask) {
    Shape shape = src.mask().shape();
    LossSettings.Priority priority = losses.priority();
    if (priority == LossSettings.Priority.NONE) {
      return ReconstructionLoss.Parts.NONE;
    }
    if (priority == LossSettings.Priority.AS_DELIVERED || !settings.packed()) {
      return new ReconstructionLoss.Parts(sample(mask + "_em", shape), null, null);
    }
    boolean eyes = priority != LossSettings.Priority.MOUTH;
    boolean mouth = priority != LossSettings.Priority.EYES;
    return new ReconstructionLoss.Parts(
        null,
        eyes ? sample(mask + "_eyes", shape) : null,
        mouth ? sample(mask + "_mouth", shape) : null);
  }

  private Tensor styled(Tensor loss, Faces.Swap swap) {
    Losses terms = new Losses(model, "style");
    StyleLoss style = new StyleLoss(model, architecture.resolution());
    Tensor sum = loss;
    if (losses.faceStyle() > 0) {
      Tensor image = swap.networks().decodeSrcImage(swap.stopped(model));
      Tensor face = style.face(image, swap.srcDst().mask(), swap.dstDst());
      sum = terms.sum("with_face", sum, terms.times(losses.faceStyle() / 100, face));
    }
    if (losses.backgroundStyle() > 0) {
      Tensor background = style.background(swap.srcDst().image(), dst.image(), src.softMask());
      double weight = losses.backgroundStyle() / 100;
      sum = terms.sum("with_background", sum, terms.times(weight, background));
    }
    return sum;
  }

  /** Returns the loss with what the discriminators add, which is not reported. */
  private Tensor opposed(
      Tensor loss, Tensor srcCode, ReconstructionLoss.Pair seen, Decoder.Face srcSrc) {
    Losses terms = new Losses(model, "loss");
    AdversarialLoss adversary = new AdversarialLoss(model);
    Tensor sum = loss;
    if (code != null) {
      Tensor betrayed = adversary.against(1, code.apply(srcCode));
      sum = terms.sum("with_code", sum, terms.times(adversaries.trueFace(), betrayed));
    }
    if (patch != null) {
      Tensor exposed = adversary.exposed(patch.apply(seen.made()));
      sum = terms.sum("with_gan", sum, terms.times(adversaries.gan(), exposed));
      if (losses.masked()) {
        sum = terms.sum("calmed", sum, adversary.calm(src, srcSrc.image()));
      }
    }
    return sum;
  }

  /** Adds the discriminators' steps, on codes and faces of the generator as it is now. */
  private void discriminators() {
    networks.afterUpdate();
    AdversarialLoss adversary = new AdversarialLoss(model);
    Tensor srcCode = networks.srcCode(warpedSrc);
    if (code != null) {
      Tensor dstLogits = code.apply(networks.dstCodes(warpedDst).itself());
      Tensor loss = adversary.code(dstLogits, code.apply(srcCode));
      model.fetch(TrainingStep.CODE_LOSS, loss);
      update(loss, Adversaries.CODE_OPTIMIZER, codeParameters);
    }
    if (patch != null) {
      ReconstructionLoss terms =
          new ReconstructionLoss(model, "judged", architecture.resolution(), losses);
      ReconstructionLoss.Pair seen = terms.seen(src, networks.decodeSrcImage(srcCode));
      PatchDiscriminator.Logits real = patch.apply(seen.wanted());
      PatchDiscriminator.Logits made = patch.apply(seen.made());
      PatchLabels labels = new PatchLabels(model, adversaries.patch());
      Tensor loss = adversary.patch(adversaries.patch(), labels, real, made);
      model.fetch(TrainingStep.PATCH_LOSS, loss);
      update(loss, Adversaries.PATCH_OPTIMIZER, patchParameters);
    }
  }

  private void update(Tensor loss, String optimizer, List<Tensor> parameters) {
    update(loss, settings.optimizer().named(optimizer), parameters, parameters);
  }

  private void update(
      Tensor loss, Optimizer optimizer, List<Tensor> parameters, List<Tensor> trained) {
    LossScaling scaling =
        settings.dtype() == DType.F16 ? LossScaling.declare(model, optimizer.name()) : null;
    Tensor seen = scaling == null ? loss : scaling.scaled(model, loss);
    Differentiator.Result backward = Differentiator.differentiate(model.build(), seen, trained);
    gradients.putAll(backward.of());
    long seed = settings.seed() ^ (long) optimizer.name().hashCode() << 32;
    Graph updated = optimizer.update(backward.graph(), parameters, backward.of(), seed, scaling);
    model.goOnFrom(updated);
  }
}
