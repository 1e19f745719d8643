package org.likeness.graph;

import java.util.List;

/** Operations that only move elements. */
public sealed interface Movement extends Op {
  /**
   * (n,h,w,4c) to (n,2h,2w,c) for block 2: output pixel (2h+i, 2w+j) reads channels (2i+j)c to
   * (2i+j+1)c, the block position being the slow channel index (spec model.md 2.2).
   */
  record DepthToSpace(int block) implements Movement {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      expectRank(x, "input", 4);
      if (x.c() % (block * block) != 0) {
        throw refusal(
            "input " + x + " has " + x.c() + " channels, not a multiple of " + block * block);
      }
      return List.of(Shape.of(x.n(), x.h() * block, x.w() * block, x.c() / (block * block)));
    }
  }

  /** The inverse, and gradient, of {@link DepthToSpace}. */
  record SpaceToDepth(int block) implements Movement {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      expectRank(x, "input", 4);
      if (x.h() % block != 0 || x.w() % block != 0) {
        throw refusal("input " + x + " does not divide into blocks of " + block);
      }
      return List.of(Shape.of(x.n(), x.h() / block, x.w() / block, x.c() * block * block));
    }
  }

  /** (n,h,w,c) to (n, c h w) in DeepFaceLab's channel-first order (spec model.md 2.2). */
  record Flatten() implements Movement {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      expectRank(x, "input", 4);
      return List.of(Shape.of(x.n(), x.h() * x.w() * x.c()));
    }
  }

  /** (n, c h w) in channel-first order to (n,h,w,c); the inverse, and gradient, of Flatten. */
  record Reshape4D(int h, int w, int c) implements Movement {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      expectRank(x, "input", 2);
      if (x.dim(1) != h * w * c) {
        throw refusal("input " + x + " does not hold " + h + " x " + w + " x " + c + " elements");
      }
      return List.of(Shape.of(x.n(), h, w, c));
    }
  }

  /** Joins tensors along one axis. */
  record Concat(int axis) implements Movement {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, Integer.MAX_VALUE);
      Shape first = in.getFirst();
      int extent = 0;
      for (Shape s : in) {
        if (s.rank() != first.rank() || !s.with(axis, 1).equals(first.with(axis, 1))) {
          throw refusal("inputs " + first + " and " + s + " differ outside axis " + axis);
        }
        extent += s.dim(axis);
      }
      return List.of(first.with(axis, extent));
    }
  }

  /** The part [from, to) of one axis. */
  record Slice(int axis, int from, int to) implements Movement {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      if (from < 0 || to <= from || to > x.dim(axis)) {
        throw refusal("[" + from + ", " + to + ") is no part of axis " + axis + " of " + x);
      }
      return List.of(x.with(axis, to - from));
    }
  }

  /** Zeros before and after along one axis; the gradient of {@link Slice}. */
  record Pad(int axis, int before, int after) implements Movement {
    @Override
    public List<Shape> infer(List<Shape> in) {
      expectInputs(in, 1, 1);
      Shape x = in.getFirst();
      return List.of(x.with(axis, before + x.dim(axis) + after));
    }
  }
}
