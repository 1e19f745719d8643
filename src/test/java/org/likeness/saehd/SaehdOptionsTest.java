package org.likeness.saehd;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.graph.DType;
import org.likeness.nn.Optimizer;

class SaehdOptionsTest {
  @Test
  void defaultsAreTheOriginals() {
    SaehdOptions options = SaehdOptions.defaults();
    assertEquals("liae-ud", options.archi());
    assertEquals(128, options.resolution());
    assertEquals("f", options.get(OptionTable.FACE_TYPE));
    assertEquals(
        List.of(256, 64, 64, 22),
        List.of(options.aeDims(), options.eDims(), options.dDims(), options.dMaskDims()));
    assertEquals(5e-5, options.get(OptionTable.LR));
    assertEquals(true, options.get(OptionTable.ADABELIEF));
    assertEquals(false, options.get(OptionTable.RANDOM_SRC_FLIP));
    assertEquals(true, options.get(OptionTable.RANDOM_DST_FLIP));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          df-ud | 100 | resolution 100 does not divide: df-ud needs a multiple of 32; use 96 or 128
          df-ut | 80 | resolution 80 does not divide: df-ut needs a multiple of 32; use 64 or 96
          liae | 100 | resolution 100 does not divide: liae needs a multiple of 16; use 96 or 112
          df | 32 | resolution 32 is not allowed: use a whole number from 64 to 1024
          df | 1040 | resolution 1040 is not allowed: use a whole number from 64 to 1024
          df | x | resolution x is not allowed: use a whole number from 64 to 1024
          """)
  void refusesResolutions(String archi, String resolution, String message) {
    assertRefused(message, Map.of("archi", archi, "resolution", resolution));
  }

  @ParameterizedTest
  @CsvSource({"df,80", "liae-u,80", "liae-udt,704", "df-d,1024", "df-c,112"})
  void takesResolutionsThatDivide(String archi, String resolution) {
    Map<String, String> text = Map.of("archi", archi, "resolution", resolution);
    assertEquals(Integer.parseInt(resolution), SaehdOptions.of(text).resolution());
  }

  @ParameterizedTest
  @ValueSource(strings = {"df-", "df-ux", "df-uu", "dfud", "amp", "", "liae-ud-t"})
  void refusesUnknownArchitectures(String archi) {
    assertRefused(
        "archi "
            + (archi.isEmpty() ? "\"\"" : archi)
            + " is not allowed: use df or liae, alone or with a dash and any of the letters u, d,"
            + " t, c, each once (liae-udt)",
        Map.of("archi", archi));
  }

  @Test
  void architecturesAreReadInAnyCase() {
    assertEquals("liae-udt", SaehdOptions.of(Map.of("archi", " LIAE-UDT ")).archi());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          batch_size | 0 | batch_size 0 is not allowed: use a whole number from 1 to 1024
          batch_size | 99999999999 | batch_size 99999999999 is not allowed: use a whole number from 1 to 1024
          e_dims | 63 | e_dims 63 is not allowed: use an even number from 16 to 256
          target_iter | -1 | target_iter -1 is not allowed: use a whole number from 0 to 2147483647
          lr | NaN | lr NaN is not allowed: use a number from 0 to 1
          lr | fast | lr fast is not allowed: use a number from 0 to 1
          adabelief | maybe | adabelief maybe is not allowed: use true or false
          face_type | full | face_type full is not allowed: use one of h, mf, f, wf, head
          loss_function | L2 | loss_function L2 is not allowed: use one of SSIM, MS-SSIM, MS-SSIM+L1
          gan_power | 11 | gan_power 11 is not allowed: use a number from 0 to 10
          precision | fp16 | precision fp16 is not allowed: use one of f32, tf32, bf16, f16
          gan_power | 6 | gan_power 6 needs dialect mve; with dialect og use at most 5
          gan_noise | 0.1 | gan_noise needs dialect mve: with dialect og the GAN's labels are 1 and 0
          gan_patch_size | 2 | gan_patch_size 2 is not allowed: use a whole number from 3 to 640, or 0 for an eighth of the resolution
          eyes_prio | true | eyes_prio needs dialect mve; with dialect og use eyes_mouth_prio
          true_face_power | 0.1 | true_face_power needs a df architecture: with liae-ud leave it at 0
          lr_dropuot | y | there is no option lr_dropuot; did you mean lr_dropout?
          src_pak_name | other | src_pak_name is not supported yet: leave it out or set it to faceset
          session_name | a/b | session_name a/b is not allowed: use at most 40 letters, digits, - and _
          autobackup_hour | 25 | autobackup_hour 25 is not allowed: use a whole number from 0 to 24
          random_shadow_dst | 0.2 0.6 1 | random_shadow_dst 0.2 0.6 1 is not allowed: use none, on, or four numbers: the light in a shadow from 0 to 1, from and to, and outside it from 0 to 10, from and to (0.2 0.6 1 3)
          random_shadow_src | 0.6 0.2 1 3 | random_shadow_src 0.6 0.2 1 3 is not allowed: use none, on, or four numbers: the light in a shadow from 0 to 1, from and to, and outside it from 0 to 10, from and to (0.2 0.6 1 3)
          cpu_cap | many | cpu_cap many is not allowed: use a whole number from 1 to 256
          batchsize | 4 | there is no option batchsize; did you mean batch_size?
          clip_grad | true | there is no option clip_grad; did you mean clipgrad?
          """)
  void refusesByNameAndSaysWhatIsAllowed(String name, String value, String message) {
    assertRefused(message, Map.of(name, value));
  }

  @ParameterizedTest
  @CsvSource({
    "f32,false,F32",
    "tf32,false,F32",
    "bf16,false,BF16",
    "f16,false,F16",
    "f32,true,BF16",
    "f16,true,F16"
  })
  void convolutionsComputeInWhatPrecisionOrTheOriginalsFlagSays(
      String precision, String fp16, DType type) {
    SaehdOptions options = SaehdOptions.of(Map.of("precision", precision, "use_fp16", fp16));
    assertEquals(type, options.step().dtype());
    assertEquals(DType.F32, options.step().masterType());
    assertEquals(type == DType.F16 ? 65536 : 1, options.step().lossScale());
  }

  @Test
  void acceptsUnbuiltOptionsThatAskForNothing() {
    Map<String, String> text =
        Map.of(
            "use_fp16",
            "False",
            "dst_pak_name",
            "faceset",
            "gan_version",
            "2",
            "lr_dropout",
            "false",
            "lr",
            "5e-5",
            "ct_mode",
            "none");
    assertEquals(SaehdOptions.defaults(), SaehdOptions.of(text));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          on | 0.2 0.6 1 3
          off | none
          0.10, 0.5, 1, 2 | 0.1 0.5 1 2
          [{"enabled":true},{"shadow_low":0.3},{"high_bright_high":2.0}] | 0.3 0.6 1 2
          [{"enabled":false},{"shadow_low":0.3}] | none
          """)
  void readsShadowsAsFilesWriteThem(String text, String value) {
    SaehdOptions options = SaehdOptions.of(Map.of("random_shadow_src", text));
    assertEquals(value, options.get(SampleOptions.RANDOM_SHADOW_SRC));
  }

  @Test
  void aCapOfTheProcessorIsOneOfThreads() {
    int cores = Runtime.getRuntime().availableProcessors();
    assertEquals(1, SaehdOptions.of(Map.of("cpu_cap", "1")).get(OptionTable.LOADER_THREADS));
    assertEquals(
        Math.min(256, cores),
        SaehdOptions.of(Map.of("cpu_cap", "256")).get(OptionTable.LOADER_THREADS));
  }

  @Test
  void storedOptionsReadBackTheSame() {
    SaehdOptions options =
        SaehdOptions.defaults().with(OptionTable.LR, 1.0 / 3).with(OptionTable.BATCH_SIZE, 7);
    Map<String, String> text = new java.util.HashMap<>();
    options.stored().forEach((name, value) -> text.put(name, value.toString()));
    assertEquals(OptionTable.ALL.size(), text.size());
    assertEquals(options, SaehdOptions.of(text));
  }

  @Test
  void optionsBecomeAnArchitectureAndAStep() {
    SaehdOptions options =
        SaehdOptions.of(
                Map.of(
                    "archi",
                    "liae-ut",
                    "resolution",
                    "96",
                    "ae_dims",
                    "40",
                    "e_dims",
                    "18",
                    "d_dims",
                    "20",
                    "d_mask_dims",
                    "16"))
            .withText(
                Map.of(
                    "batch_size",
                    "3",
                    "adabelief",
                    "no",
                    "lr",
                    "1e-4",
                    "random_warp",
                    "no",
                    "dialect",
                    "mve",
                    "seed",
                    "9"));
    assertEquals(
        new Architecture(
            true, true, false, true, false, 96, new Architecture.Dims(40, 18, 20, 16), false),
        options.architecture());
    assertEquals(
        new StepSettings(
            3,
            DType.F32,
            Optimizer.constant("src_dst_opt", Optimizer.Rule.RMSPROP, 1e-4),
            LossSettings.DEFAULT.with(true, true),
            Adversaries.NONE,
            false,
            9,
            true),
        options.step());
    assertEquals(StepSettings.defaults(4).packed(true), SaehdOptions.defaults().step());
    SaehdOptions exact = SaehdOptions.of(Map.of("exact_batches", "y"));
    assertEquals(StepSettings.defaults(4), exact.step());
  }

  @Test
  void everyOptionOfTheLossesReachesTheStep() {
    SaehdOptions options =
        SaehdOptions.of(
            Map.of(
                "archi", "df-ud",
                "lr_dropout", "cpu",
                "clipgrad", "yes",
                "eyes_mouth_prio", "y",
                "loss_function", "ms-ssim+l1",
                "background_power", "0.3",
                "face_style_power", "0.001",
                "bg_style_power", "2",
                "true_face_power", "0.01",
                "gan_power", "0.1"));
    StepSettings step = options.step();
    assertEquals(
        new Optimizer("src_dst_opt", Optimizer.Rule.ADABELIEF, 5e-5, 500, 1, 0.3),
        step.optimizer());
    assertEquals(
        new LossSettings(
            true,
            false,
            false,
            LossSettings.Similarity.MS_SSIM_L1,
            LossSettings.Priority.AS_DELIVERED,
            0.3,
            0.001,
            2),
        step.losses());
    Adversaries.Patch og = new Adversaries.Patch(16, 16, 0, 0, true);
    assertEquals(new Adversaries(0.01, 0.1, og), step.adversaries());
    SaehdOptions mve = options.withText(Map.of("dialect", "mve", "gan_noise", "0.05"));
    Adversaries.Patch smooth = new Adversaries.Patch(16, 16, 0.1, 0.05, false);
    assertEquals(new Adversaries(0.01, 0.1, smooth), mve.step().adversaries());
    assertEquals(LossSettings.Priority.EYES_AND_MOUTH, mve.step().losses().priority());
  }

  @Test
  void aPatchThatTheResolutionCannotHalveIsRefused() {
    assertRefused(
        "gan_patch_size 63 does not fit resolution 144, which cannot be halved so often; use 61",
        Map.of("archi", "df", "resolution", "144", "gan_power", "1", "gan_patch_size", "63"));
  }

  /** Spec model.md 1.4. */
  @Test
  void pretrainingForcesWhatTheOriginalForces() {
    SaehdOptions options =
        SaehdOptions.of(
            Map.of(
                "archi", "df-ud",
                "pretrain", "y",
                "lr_dropout", "y",
                "gan_power", "0.1",
                "true_face_power", "0.1",
                "bg_style_power", "2",
                "clipgrad", "y",
                "random_hsv_power", "0.1",
                "ct_mode", "sot"));
    SaehdOptions forced = options.inForce(0);
    StepSettings step = forced.step();
    assertEquals(false, step.trainInterAb());
    assertEquals(false, step.adversaries().any());
    assertEquals(false, step.losses().styled());
    assertEquals(
        new Optimizer("src_dst_opt", Optimizer.Rule.ADABELIEF, 5e-5, 0, 1, 1), step.optimizer());
    assertEquals("none", forced.get(SampleOptions.CT_MODE));
    assertEquals(0.0, forced.get(SampleOptions.RANDOM_HSV_POWER));
    assertEquals(true, forced.get(OptionTable.RANDOM_SRC_FLIP));
    assertEquals(true, forced.get(OptionTable.UNIFORM_YAW));
    assertEquals(
        "fs-aug",
        options.with(SampleOptions.CT_MODE, "fs-aug").inForce(5).get(SampleOptions.CT_MODE));
    SaehdOptions off = options.with(TrainingOptions.PRETRAIN, false);
    assertEquals(off, off.inForce(0), "the stored values are not changed");
  }

  @Test
  void onlyFixedOptionsCountAsAnotherModel() {
    SaehdOptions options = SaehdOptions.defaults();
    SaehdOptions other =
        options
            .with(OptionTable.BATCH_SIZE, 8)
            .with(OptionTable.ARCHI, "df")
            .with(OptionTable.RESOLUTION, 64);
    assertEquals(List.of("archi", "resolution"), options.fixedDifferences(other));
  }

  @Test
  void everyNameIsUsedOnce() {
    Set<String> names = new HashSet<>();
    for (Option<?> option : OptionTable.ALL) {
      assertTrue(names.add(option.name()), option.name());
      assertTrue(option.help().endsWith("."), option.helpLine());
    }
    for (UnbuiltOption option : UnbuiltOption.all()) {
      assertTrue(names.add(option.name()), option.name());
    }
  }

  private static void assertRefused(String message, Map<String, String> text) {
    InvalidOptionException refusal =
        assertThrows(InvalidOptionException.class, () -> SaehdOptions.of(text));
    assertEquals(message, refusal.getMessage());
  }
}
