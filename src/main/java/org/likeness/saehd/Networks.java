package org.likeness.saehd;

import org.likeness.graph.Movement;
import org.likeness.graph.Tensor;
import org.likeness.nn.Model;

/** The networks of one architecture, declared once and applied to as many faces as wanted. */
final class Networks {
  private final Model model;
  private final Architecture architecture;
  private final Encoder encoder;
  private final Inter inter; // df: inter; liae: inter_AB
  private final Inter interB; // liae only
  private final Decoder decoderSrc; // liae: the only decoder
  private final Decoder decoderDst;

  Networks(Model model, Architecture a) {
    this.model = model;
    architecture = a;
    encoder = new Encoder(model, "encoder", a);
    inter = new Inter(model, a.liae() ? "inter_AB" : "inter", a);
    interB = a.liae() ? new Inter(model, "inter_B", a) : null;
    decoderSrc = new Decoder(model, a.liae() ? "decoder" : "decoder_src", a);
    decoderDst = a.liae() ? decoderSrc : new Decoder(model, "decoder_dst", a);
  }

  /** Returns the code that reconstructs a src face (n,R,R,3). */
  Tensor srcCode(Tensor image) {
    Tensor code = inter.apply(encoder.apply(image));
    return architecture.liae() ? join("src_code", code, code) : code;
  }

  /** Returns the codes that reconstruct a dst face (n,R,R,3), and that swap it. */
  DstCodes dstCodes(Tensor image) {
    Tensor flat = encoder.apply(image);
    Tensor code = inter.apply(flat);
    if (!architecture.liae()) {
      return new DstCodes(code, code);
    }
    Tensor own = interB.apply(flat);
    return new DstCodes(join("dst_code", own, code), join("swap_code", code, code));
  }

  /** The code of the dst face as itself, and as src. */
  record DstCodes(Tensor itself, Tensor swapped) {}

  Decoder.Face decodeSrc(Tensor code) {
    return decoderSrc.apply(code);
  }

  Tensor decodeSrcImage(Tensor code) {
    return decoderSrc.image(code);
  }

  Decoder.Face decodeDst(Tensor code) {
    return decoderDst.apply(code);
  }

  /** Makes what is applied from here on read the parameters as an update has left them. */
  void afterUpdate() {
    decoderSrc.joinHeads();
  }

  private Tensor join(String name, Tensor first, Tensor second) {
    return model.add(name, new Movement.Concat(3), first, second);
  }
}
