package org.likeness.train;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.likeness.device.Algorithms;
import org.likeness.format.SafetensorsTensor;
import org.likeness.saehd.InvalidOptionException;
import org.likeness.saehd.SaehdOptions;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The description of a checkpoint: {@code manifest.json}, which lists every tensor with its SHA-256
 * and carries one of itself, so that no changed byte goes unnoticed.
 */
record Manifest(
    long iteration,
    SaehdOptions options,
    Map<String, String> facts,
    Algorithms algorithms,
    Map<String, Map<String, Entry>> files) {
  static final String FILE = "manifest.json";
  private static final String FORMAT = "likeness checkpoint 1";
  private static final int HASHED_AT_ONCE = 1 << 16;
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** What a tensor is and what its bytes hash to. */
  record Entry(String dtype, List<Long> shape, String sha256) {
    static Entry of(SafetensorsTensor tensor) {
      return new Entry(tensor.dtype().name(), Manifest.shape(tensor.shape()), hash(tensor.data()));
    }
  }

  /** A manifest that cannot be trusted; the message says why. */
  static final class Unreadable extends Exception {
    private static final long serialVersionUID = 1;

    Unreadable(String why) {
      super(why);
    }
  }

  static Manifest of(Checkpoint checkpoint) {
    Map<String, Map<String, Entry>> files = new LinkedHashMap<>();
    checkpoint
        .files()
        .forEach((stem, tensors) -> files.put(stem, new LinkedHashMap<>(entries(tensors))));
    return new Manifest(
        checkpoint.iteration(),
        checkpoint.options(),
        checkpoint.facts(),
        checkpoint.algorithms(),
        files);
  }

  private static Map<String, Entry> entries(List<SafetensorsTensor> tensors) {
    List<Entry> entries = tensors.parallelStream().map(Entry::of).toList();
    Map<String, Entry> byName = new LinkedHashMap<>();
    for (int i = 0; i < entries.size(); i++) {
      byName.put(tensors.get(i).name(), entries.get(i));
    }
    return byName;
  }

  static List<Long> shape(long[] shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  /** SHA-256 of memory of any kind, in hexadecimal. */
  static String hash(MemorySegment bytes) {
    MessageDigest digest = digest();
    byte[] chunk = new byte[HASHED_AT_ONCE];
    for (long at = 0; at < bytes.byteSize(); at += HASHED_AT_ONCE) {
      int size = (int) Math.min(HASHED_AT_ONCE, bytes.byteSize() - at);
      MemorySegment.copy(bytes, at, MemorySegment.ofArray(chunk), 0, size);
      digest.update(chunk, 0, size);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  byte[] toJson() {
    ObjectNode body = JSON.createObjectNode();
    body.put("format", FORMAT);
    body.put("iteration", iteration);
    body.set("options", JSON.valueToTree(options.stored()));
    body.set("facts", JSON.valueToTree(new TreeMap<>(facts)));
    ObjectNode computed = body.putObject("algorithms");
    computed.set("libraries", JSON.valueToTree(new TreeMap<>(algorithms.libraries())));
    computed.set("chosen", JSON.valueToTree(new TreeMap<>(algorithms.chosen())));
    body.put("losses", LossHistory.FILE);
    ObjectNode byStem = body.putObject("files");
    files.forEach(
        (stem, entries) -> {
          ArrayNode list = byStem.putArray(stem);
          entries.forEach(
              (name, entry) -> {
                ObjectNode node = list.addObject();
                node.put("name", name);
                node.put("dtype", entry.dtype());
                node.set("shape", JSON.valueToTree(entry.shape()));
                node.put("sha256", entry.sha256());
              });
        });
    ObjectNode root = JSON.createObjectNode();
    root.put("sha256", hash(body));
    root.set("checkpoint", body);
    return JSON.writeValueAsBytes(root);
  }

  private static String hash(JsonNode body) {
    byte[] compact = body.toString().getBytes(StandardCharsets.UTF_8);
    return hash(MemorySegment.ofArray(compact));
  }

  static Manifest parse(byte[] bytes) throws Unreadable {
    try {
      JsonNode root = JSON.readTree(bytes);
      JsonNode body = root.path("checkpoint");
      if (!hash(body).equals(root.path("sha256").asString(""))) {
        throw new Unreadable(FILE + " does not match its SHA-256");
      }
      if (!FORMAT.equals(body.path("format").asString(""))) {
        throw new Unreadable(FILE + " was written by another version of Likeness");
      }
      JsonNode computed = body.path("algorithms");
      Algorithms algorithms =
          new Algorithms(texts(computed.path("libraries")), texts(computed.path("chosen")));
      Map<String, Map<String, Entry>> files = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> file : body.path("files").properties()) {
        files.put(file.getKey(), entries(file.getValue()));
      }
      return new Manifest(
          body.path("iteration").asLong(),
          SaehdOptions.of(texts(body.path("options"))),
          texts(body.path("facts")),
          algorithms,
          files);
    } catch (JacksonException e) {
      throw new Unreadable(FILE + " is not JSON");
    } catch (InvalidOptionException e) {
      throw new Unreadable(FILE + ": " + e.getMessage());
    }
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(e -> texts.put(e.getKey(), e.getValue().asString()));
    return texts;
  }

  private static Map<String, Entry> entries(JsonNode list) {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (JsonNode node : list) {
      List<Long> shape = node.path("shape").valueStream().map(JsonNode::asLong).toList();
      entries.put(
          node.path("name").asString(),
          new Entry(node.path("dtype").asString(), shape, node.path("sha256").asString()));
    }
    return entries;
  }
}
