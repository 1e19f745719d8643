package org.likeness.cuda.cublaslt;

import java.util.Objects;
import org.likeness.cuda.ElementType;

/**
 * A matrix product C (m,n) = scale * op(A) op(B) + bias (n), row-major, summed in f32.
 *
 * <p>cuBLASLt's matrices are column-major: a row-major (m,n) is the column-major (n,m) of the same
 * bytes. So it is asked for C^T = op(B)^T op(A)^T: its A is our B and its B our A, each with its
 * own transposition, its m is our n, and its bias, a value for each row, is ours for each column.
 *
 * @param type the element type of A and B; a bias is f32 whatever they are
 * @param result the element type of C
 * @param tf32 whether f32 operands may be rounded to TF32 for tensor cores
 * @param transposes which operands are stored transposed
 */
public record CublasLtProduct(
    ElementType type,
    ElementType result,
    boolean tf32,
    Sizes sizes,
    Transposes transposes,
    Epilogue epilogue) {
  /** Checks that nothing is missing. */
  public CublasLtProduct {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(result, "result");
    Objects.requireNonNull(sizes, "sizes");
    Objects.requireNonNull(transposes, "transposes");
    Objects.requireNonNull(epilogue, "epilogue");
  }

  /** C is (m,n), and k is what is summed over. */
  public record Sizes(int m, int n, int k) {
    /** Checks that none is below 1. */
    public Sizes {
      if (Math.min(m, Math.min(n, k)) < 1) {
        throw new IllegalArgumentException("product: m " + m + ", n " + n + ", k " + k);
      }
    }
  }

  /**
   * How the operands are stored.
   *
   * @param a whether A is stored (k,m) instead of (m,k)
   * @param b whether B is stored (n,k) instead of (k,n)
   */
  public record Transposes(boolean a, boolean b) {}

  /**
   * What happens to the sums before they are stored.
   *
   * @param bias whether bias (n) is added
   */
  public record Epilogue(double scale, boolean bias) {
    /** Nothing. */
    public static final Epilogue NONE = new Epilogue(1, false);
  }
}
