package org.likeness.saehd;

import java.util.List;
import org.likeness.graph.DType;
import org.likeness.graph.Graph;
import org.likeness.graph.Levers;
import org.likeness.graph.Pointwise;
import org.likeness.graph.Shape;
import org.likeness.graph.Tensor;
import org.likeness.nn.Model;

/** Forward graphs: what a model makes of faces, without training (spec model.md 2.7). */
public final class Faces {
  private Faces() {}

  /**
   * Returns the graph for previews: feeds {@code src, dst} (n,R,R,3); fetches {@code src_src,
   * dst_dst, src_dst} (n,R,R,3) and their masks {@code src_srcm, dst_dstm, src_dstm} (n,R,R,1).
   */
  public static Graph preview(Architecture architecture, int batch) {
    Model model = new Model(DType.F32);
    Networks networks = new Networks(model, architecture);
    int r = architecture.resolution();
    Tensor src = model.feed("src", Shape.of(batch, r, r, 3));
    Tensor dst = model.feed("dst", Shape.of(batch, r, r, 3));
    fetch(model, "src_src", "src_srcm", networks.decodeSrc(networks.srcCode(src)));
    Networks.DstCodes codes = networks.dstCodes(dst);
    fetch(model, "dst_dst", "dst_dstm", networks.decodeDst(codes.itself()));
    fetch(model, "src_dst", "src_dstm", networks.decodeSrc(codes.swapped()));
    return scheduled(model, batch);
  }

  /**
   * Returns the graph of the swap: feed {@code dst} (n,R,R,3); fetches {@code src_dst} (n,R,R,3),
   * {@code src_dstm} and {@code dst_dstm} (n,R,R,1).
   */
  public static Graph swap(Architecture architecture, int batch) {
    Model model = new Model(DType.F32);
    Networks networks = new Networks(model, architecture);
    int r = architecture.resolution();
    Tensor dst = model.feed("dst", Shape.of(batch, r, r, 3));
    Networks.DstCodes codes = networks.dstCodes(dst);
    fetch(model, "src_dst", "src_dstm", networks.decodeSrc(codes.swapped()));
    model.fetch("dst_dstm", networks.decodeDst(codes.itself()).mask());
    return scheduled(model, 1);
  }

  /** What the style losses read of the swapped face. */
  record Swap(
      Networks networks, Networks.DstCodes codes, Decoder.Face srcDst, Decoder.Face dstDst) {
    /** Returns the swap's code, through which no gradient passes. */
    Tensor stopped(Model model) {
      return model.add("swap_code_stopped", new Pointwise.StopGradient(), codes.swapped());
    }
  }

  static void fetch(Model model, String image, String mask, Decoder.Face face) {
    model.fetch(image, face.image());
    model.fetch(mask, face.mask());
  }

  /** A preview goes through sample by sample: beside a training step it should take no room. */
  private static Graph scheduled(Model model, int parts) {
    return Levers.DEFAULT.cut(parts).apply(model.build());
  }

  /** Returns the names of everything that {@link #preview} fetches. */
  public static List<String> outputs() {
    return List.of("src_src", "src_srcm", "dst_dst", "dst_dstm", "src_dst", "src_dstm");
  }
}
