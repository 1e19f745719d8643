package org.likeness.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.likeness.device.cuda.ConvolutionChoice.Candidate;
import org.likeness.device.cuda.ConvolutionGeometry.Product;
import org.likeness.device.cuda.ConvolutionVariant.Tile;
import org.likeness.device.cuda.TensorCoreConvolution.Operand;
import org.likeness.graph.DType;
import org.likeness.graph.Linear;
import org.likeness.graph.Node;
import org.likeness.graph.Shape;

/** What tensor-core kernels are made of, which shapes they take and what is launched. */
class TensorCoreConvolutionTest {
  private static final Target TURING = new Target(75, 64, 64 << 10, true);
  private static final Target AMPERE = new Target(86, 82, 99 << 10, true);
  private static final Pattern ENTRY =
      Pattern.compile("(?s)\\.visible \\.entry (\\w+)\\(.*?\\n\\{(.*?)\\n}");
  private static final Pattern LABEL = Pattern.compile("(?m)^(\\$?\\w+):");

  @Test
  void theMainLoopOfEveryTensorCoreKernelMultipliesThere() throws IOException {
    int seen = 0;
    for (Path file : tensorCoreFiles()) {
      boolean turing = file.toString().contains(".sm75.");
      for (Map.Entry<String, String> entry : entries(Files.readString(file)).entrySet()) {
        String loop = loopWith("mma.sync", entry.getValue());
        String what = file + " " + entry.getKey();
        assertTrue(count(loop, "mma.sync.aligned") >= 8, what + ": no mma.sync in a loop");
        assertTrue(loop.contains(turing ? "m16n8k8" : shape(what)), what);
        assertEquals(turing, !loop.contains("cp.async"), what + ": cp.async in the main loop");
        assertEquals(turing, !loop.contains("cp.async.wait_group"), what);
        boolean words = what.contains("wgrad_tf32");
        assertTrue(words || loop.contains("ldmatrix.sync.aligned.m8n8.x4"), what + ": ldmatrix");
        boolean transposes = !what.contains("forward") && !what.contains("tf32");
        assertEquals(transposes, loop.contains(".x4.trans"), what + ": ldmatrix.trans");
        assertFalse(entry.getValue().contains(".local"), what + ": local memory");
        seen++;
      }
    }
    assertEquals(16 * 4, seen, "entries: 16 tilings and directions of bf16, f16 twice and TF32");
  }

  private static String shape(String what) {
    return what.contains("tf32")
        ? "m16n8k8.row.col.f32.tf32.tf32.f32"
        : what.contains("bf16")
            ? "m16n8k16.row.col.f32.bf16.bf16.f32"
            : "m16n8k16.row.col.f32.f16.f16.f32";
  }

  @Test
  void launchesGiveKernelsWhatTheyDeclareAndReachEveryEntry() throws IOException {
    Set<String> used = new HashSet<>();
    List<LinearCases.Case> cases = new ArrayList<>(LinearCases.awkward());
    cases.addAll(LinearCases.standard(3));
    for (Target target : List.of(TURING, AMPERE)) {
      for (LinearCases.Case c : cases) {
        for (DType type : List.of(DType.F32, DType.BF16, DType.F16)) {
          if (type == DType.BF16 && target == TURING) {
            continue;
          }
          Node node = c.node(type);
          for (Candidate candidate : candidates(node, target)) {
            Launch launch = launch(node, candidate);
            String generation = target == TURING ? "sm75" : "sm80";
            PtxEntries.of(launch.entry().family(), generation)
                .accept(launch, c + " " + candidate.name());
            used.add(launch.entry().name() + "." + generation);
          }
        }
      }
    }
    Set<String> unused = new HashSet<>();
    for (Path file : tensorCoreFiles()) {
      String generation = file.toString().contains(".sm75.") ? "sm75" : "sm80";
      for (String entry : entries(Files.readString(file)).keySet()) {
        unused.add(entry + "." + generation);
      }
    }
    unused.removeAll(used);
    assertEquals(Set.of(), unused, "entries that no case launches");
  }

  @Test
  void aBlockHasAsManyThreadsAsItsKernelIsCompiledFor() {
    for (Target target : List.of(TURING, AMPERE)) {
      for (LinearCases.Case c : LinearCases.standard(3)) {
        Node node = c.node(DType.F16);
        for (Candidate candidate : candidates(node, target)) {
          Launch launch = launch(node, candidate);
          PtxEntries ptx =
              PtxEntries.of(launch.entry().family(), target == TURING ? "sm75" : "sm80");
          int compiled = ptx.entries().get(launch.entry().name()).threads();
          assertEquals(compiled, launch.grid().threads(), candidate.name());
        }
      }
    }
  }

  @Test
  void gridsCoverTheProductsOfPaddedChannels() {
    for (LinearCases.Case c : LinearCases.standard(52)) {
      Node node = c.node(DType.BF16);
      ConvolutionGeometry geometry = ConvolutionGeometry.of(node);
      for (Candidate candidate : candidates(node, AMPERE)) {
        Launch.Grid grid = launch(node, candidate).grid();
        Tile tile = candidate.variant().tile();
        for (Product product : geometry.products(8)) {
          long tiles =
              Math.ceilDiv((long) product.rows(), tile.rows())
                  * Math.ceilDiv(product.columns(), tile.columns());
          assertTrue(grid.x() >= tiles, c + " " + candidate.name());
          long depth = (long) candidate.split().splits() * candidate.split().slice();
          assertTrue(depth >= product.depth(), c + " " + candidate.name());
        }
      }
    }
  }

  @Test
  void channelsCountUpToWholeChunks() {
    Node node = LinearCases.layer(Shape.of(1, 5, 5, 22), 44, 3, 1).getFirst().node(DType.BF16);
    ConvolutionGeometry geometry = ConvolutionGeometry.of(node);
    assertEquals(List.of(new Product(25, 44, 198)), geometry.products());
    assertEquals(List.of(new Product(25, 44, 216)), geometry.products(8));
    Node wgrad = LinearCases.layer(Shape.of(1, 5, 5, 22), 44, 3, 1).getLast().node(DType.BF16);
    assertEquals(List.of(new Product(44, 216, 25)), ConvolutionGeometry.of(wgrad).products(8));
  }

  @Test
  void tf32IsUsedOnlyWhereItIsAllowed() {
    Node node = LinearCases.layer(Shape.of(1, 8, 8, 64), 64, 3, 1).getFirst().node();
    assertEquals(Set.of(Operand.TF32), operands(node, AMPERE));
    assertEquals(Set.of(), operands(node, new Target(86, 82, 99 << 10, false)));
    assertEquals(Set.of(), operands(node, TURING));
  }

  @Test
  void halvesUseTheKernelsOfTheirGeneration() {
    Node half = LinearCases.layer(Shape.of(1, 8, 8, 64), 64, 3, 1).getFirst().node(DType.F16);
    assertEquals(Set.of(Operand.F16), operands(half, AMPERE));
    assertEquals(Set.of(Operand.F16_SM75), operands(half, TURING));
    Node bf16 = LinearCases.layer(Shape.of(1, 8, 8, 64), 64, 3, 1).getFirst().node(DType.BF16);
    assertEquals(Set.of(Operand.BF16), operands(bf16, AMPERE));
  }

  @Test
  void awkwardChannelsAreLeftToTheNarrowCopies() {
    Node node = LinearCases.layer(Shape.of(1, 8, 8, 44), 88, 3, 1).getFirst().node(DType.BF16);
    for (Candidate c : candidates(node, AMPERE)) {
      assertFalse(((TensorCoreConvolution) c.variant()).wide(), c.name());
    }
    Node fours = LinearCases.layer(Shape.of(1, 8, 8, 44), 88, 3, 1).getFirst().node();
    assertTrue(
        candidates(fours, AMPERE).stream()
            .anyMatch(c -> ((TensorCoreConvolution) c.variant()).wide()),
        "44 f32 are whole chunks");
  }

  @Test
  void sharedMemoryStaysBelowWhatNeedsNoOptIn() {
    for (ConvolutionVariant variant : TensorCoreConvolution.ALL) {
      int bytes = variant.sharedBytes(ConvolutionGeometry.Direction.FORWARD);
      assertTrue(bytes <= 48 << 10, variant.name() + ": " + bytes);
    }
  }

  private static Set<Operand> operands(Node node, Target target) {
    Set<Operand> found = new HashSet<>();
    for (Candidate c : candidates(node, target)) {
      found.add(((TensorCoreConvolution) c.variant()).operand());
    }
    return found;
  }

  private static List<Candidate> candidates(Node node, Target target) {
    return ConvolutionChoice.candidates(node, target).stream()
        .filter(c -> c.variant() instanceof TensorCoreConvolution)
        .toList();
  }

  private static Launch launch(Node node, Candidate candidate) {
    List<Long> inputs = node.inputs().stream().map(t -> 256L).toList();
    List<Long> outputs = node.outputs().stream().map(t -> 512L).toList();
    Operands o = new Operands(node, inputs, outputs, 1024);
    return LinearLowering.lower((Linear) node.op(), o, candidate).getFirst();
  }

  private static List<Path> tensorCoreFiles() throws IOException {
    try (Stream<Path> files = Files.list(Path.of("kernels"))) {
      return files
          .filter(f -> f.getFileName().toString().matches("conv_\\w+_(bf16|f16|tf32).*\\.ptx"))
          .sorted()
          .toList();
    }
  }

  /** The bodies of a file's entries by name. */
  private static Map<String, String> entries(String ptx) {
    Map<String, String> bodies = new HashMap<>();
    for (Matcher m = ENTRY.matcher(ptx); m.find(); ) {
      bodies.put(m.group(1), m.group(2));
    }
    return bodies;
  }

  /** The shortest run from a label to a branch back to it that holds an instruction; or "". */
  private static String loopWith(String instruction, String body) {
    String shortest = "";
    for (Matcher label = LABEL.matcher(body); label.find(); ) {
      Pattern back = Pattern.compile("\\bbra(?:\\.uni)?\\s+" + Pattern.quote(label.group(1)) + ";");
      for (Matcher branch = back.matcher(body); branch.find(); ) {
        if (branch.start() > label.start()) {
          String loop = body.substring(label.start(), branch.end());
          boolean shorter = shortest.isEmpty() || loop.length() < shortest.length();
          shortest = loop.contains(instruction) && shorter ? loop : shortest;
        }
      }
    }
    return shortest;
  }

  private static int count(String text, String part) {
    int count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
      count++;
    }
    return count;
  }
}
