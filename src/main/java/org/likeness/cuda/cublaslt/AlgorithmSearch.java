package org.likeness.cuda.cublaslt;

import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_ID;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_SPLITK_NUM;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_STAGES_ID;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_ALGO_CONFIG_TILE_ID;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_STATUS_NOT_SUPPORTED;
import static org.likeness.cuda.cublaslt.CublasLtConstants.CUBLAS_STATUS_SUCCESS;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.likeness.ffi.C;

/** Asks cuBLASLt's heuristics for algorithms. */
final class AlgorithmSearch {
  /** Size of cublasLtMatmulAlgo_t, eight uint64_t. */
  static final int ALGORITHM_BYTES = 64;

  /** Size of cublasLtMatmulHeuristicResult_t: algo 0, workspaceSize 64, state 72, wavesCount 76. */
  static final int RESULT_BYTES = 96;

  static final int WORKSPACE_AT = 64;
  static final int STATE_AT = 72;
  private static final int MOST = 10;

  /** An address that stands for a bias of the alignment that all of ours have. */
  private static final long SOME_BIAS = 256;

  private final CublasLtCalls calls;
  private final long handle;

  /**
   * An algorithm that was found.
   *
   * @param bytes cublasLtMatmulAlgo_t
   */
  record Found(MemorySegment bytes, String name, long workspaceBytes) {}

  AlgorithmSearch(CublasLtCalls calls, long handle) {
    this.calls = calls;
    this.handle = handle;
  }

  /** Returns algorithms in the heuristics' order. */
  List<Found> run(CublasLtProduct product, long workspaceCeiling) {
    calls.check().ensureUsable();
    try (LtProblem problem = new LtProblem(calls, product, SOME_BIAS);
        LtDescriptor preference = preference(workspaceCeiling);
        Arena arena = Arena.ofConfined()) {
      MemorySegment results = arena.allocate((long) MOST * RESULT_BYTES, Long.BYTES);
      MemorySegment count = arena.allocate(C.INT);
      int status =
          calls
              .functions()
              .matmulAlgoGetHeuristic(
                  handle,
                  problem.operation(),
                  problem.a(),
                  problem.b(),
                  problem.d(),
                  problem.d(),
                  preference.handle(),
                  MOST,
                  results,
                  count);
      if (status == CUBLAS_STATUS_NOT_SUPPORTED) {
        return List.of();
      }
      calls.check().check(status, "cublasLtMatmulAlgoGetHeuristic", product);
      return found(results, count.get(C.INT, 0), workspaceCeiling);
    }
  }

  /**
   * Sums split over blocks are kept in f32 and added in a step of their own: added in place they
   * take the order in which blocks come, added in 16 bits they lose what f32 was for.
   */
  private LtDescriptor preference(long workspaceCeiling) {
    LtDescriptor preference = LtDescriptor.preference(calls);
    boolean made = false;
    try {
      preference
          .set(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspaceCeiling)
          .set(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK, CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE);
      made = true;
      return preference;
    } finally {
      if (!made) {
        preference.close();
      }
    }
  }

  private List<Found> found(MemorySegment results, int count, long workspaceCeiling) {
    List<Found> found = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      MemorySegment result = results.asSlice((long) i * RESULT_BYTES, RESULT_BYTES);
      long workspace = result.get(C.INT64, WORKSPACE_AT);
      if (result.get(C.INT, STATE_AT) == CUBLAS_STATUS_SUCCESS && workspace <= workspaceCeiling) {
        MemorySegment bytes = Arena.ofAuto().allocate(ALGORITHM_BYTES, Long.BYTES);
        bytes.copyFrom(result.asSlice(0, ALGORITHM_BYTES));
        found.add(new Found(bytes, name(bytes), workspace));
      }
    }
    return List.copyOf(found);
  }

  /** Returns the configuration, as "algo21 tile20 stages8 split1 scheme0 ...". */
  private String name(MemorySegment algorithm) {
    Map<String, Integer> parts = new LinkedHashMap<>();
    parts.put("algo", CUBLASLT_ALGO_CONFIG_ID);
    parts.put("tile", CUBLASLT_ALGO_CONFIG_TILE_ID);
    parts.put("stages", CUBLASLT_ALGO_CONFIG_STAGES_ID);
    parts.put("split", CUBLASLT_ALGO_CONFIG_SPLITK_NUM);
    parts.put("scheme", CUBLASLT_ALGO_CONFIG_REDUCTION_SCHEME);
    parts.put("swizzle", CUBLASLT_ALGO_CONFIG_CTA_SWIZZLING);
    parts.put("option", CUBLASLT_ALGO_CONFIG_CUSTOM_OPTION);
    parts.put("inner", CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID);
    parts.put("cluster", CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID);
    List<String> words = new ArrayList<>();
    parts.forEach((word, attribute) -> words.add(word + number(algorithm, attribute)));
    return String.join(" ", words);
  }

  private int number(MemorySegment algorithm, int attribute) {
    boolean small = attribute >= CUBLASLT_ALGO_CONFIG_INNER_SHAPE_ID;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(C.INT);
      int status =
          calls
              .functions()
              .matmulAlgoConfigGetAttribute(
                  algorithm,
                  attribute,
                  value,
                  small ? Short.BYTES : Integer.BYTES,
                  arena.allocate(C.INT64));
      calls.check().check(status, "cublasLtMatmulAlgoConfigGetAttribute", attribute);
      return value.get(C.INT, 0); // little-endian: a uint16_t's upper half stays 0
    }
  }
}
