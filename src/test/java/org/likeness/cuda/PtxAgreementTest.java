package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.format.Safetensors;
import org.likeness.format.SafetensorsFile;
import org.likeness.format.SafetensorsTensor;
import org.likeness.testing.OnCuda;
import org.likeness.testing.TestGpu;

/**
 * Softcuda and a card agree: small programs give what softcuda once gave, bit for bit in integer
 * and IEEE operations, within bounds for tensor cores and approximations. {@code -Dptx.record=true}
 * writes what softcuda gives.
 */
@OnCuda
class PtxAgreementTest {
  private static final Path RECORDED =
      Path.of("src", "test", "resources", "cuda", "programs.safetensors");

  static List<PtxProgram> programs() {
    return PtxProgram.all();
  }

  @AfterAll
  static void everythingIsGivenBack(TestGpu gpu) {
    assertEquals("", gpu.liveObjects());
  }

  private static Map<String, double[]> run(PtxProgram program) {
    CudaDriver driver = CudaDriver.open().orThrow();
    try (CudaContext context = driver.context(driver.gpus().getFirst());
        PtxBench bench = new PtxBench(context, program.file())) {
      return program.run().apply(bench);
    }
  }

  @ParameterizedTest
  @MethodSource("programs")
  void agreesWithWhatSoftcudaGave(PtxProgram program, TestGpu gpu) throws IOException {
    if (gpu instanceof TestGpu.Card card) {
      card.require(program.capability());
    }
    check(program);
  }

  /** Softcuda can give each approximation the error that its manual promises, and truncate sums. */
  @ParameterizedTest
  @ValueSource(strings = {"perturb=1", "perturb=-1", "mma=80", "mma=90", "seed=7"})
  void boundsHoldForEveryCardThatKeepsItsPromises(String setting, TestGpu gpu) throws IOException {
    assumeTrue(gpu instanceof TestGpu.Soft, "a card is what it is");
    gpu.reset(setting);
    for (PtxProgram program : programs()) {
      check(program);
    }
    gpu.reset();
  }

  private static void check(PtxProgram program) throws IOException {
    Map<String, double[]> outputs = run(program);
    try (SafetensorsFile file = SafetensorsFile.open(RECORDED)) {
      for (String name : outputs.keySet()) {
        double[] expected = file.tensor(program.name() + "/" + name).doubles();
        compare(program, name, expected, outputs.get(name));
      }
    }
  }

  private static void compare(PtxProgram program, String name, double[] expected, double[] got) {
    assertEquals(expected.length, got.length, program + " " + name);
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    double allowed = program.bounds().getOrDefault(name, 0.0) * largest;
    for (int i = 0; i < expected.length; i++) {
      boolean same = Double.doubleToRawLongBits(expected[i]) == Double.doubleToRawLongBits(got[i]);
      if (!same && !(Math.abs(expected[i] - got[i]) <= allowed)) {
        fail(
            String.format(
                Locale.ROOT,
                "%s: %s[%d] is %.17g, softcuda gave %.17g; %.3g is allowed",
                program,
                name,
                i,
                got[i],
                expected[i],
                allowed));
      }
    }
  }

  @Test
  void everyProgramIsRecorded() throws IOException {
    if (Boolean.getBoolean("ptx.record") && !TestGpu.isCard()) {
      List<SafetensorsTensor> tensors = new ArrayList<>();
      for (PtxProgram program : programs()) {
        run(program)
            .forEach(
                (name, values) ->
                    tensors.add(
                        SafetensorsTensor.of(program.name() + "/" + name, values, values.length)));
      }
      Safetensors.write(RECORDED, Map.of(), tensors);
    }
    try (SafetensorsFile file = SafetensorsFile.open(RECORDED)) {
      List<String> missing = new ArrayList<>(programs().stream().map(PtxProgram::name).toList());
      file.tensors().keySet().forEach(name -> missing.remove(name.substring(0, name.indexOf('/'))));
      assertEquals(List.of(), missing);
    }
  }
}
