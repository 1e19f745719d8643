package org.likeness.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.Attributes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.constantpool.ConstantValueEntry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Constants of NVIDIA's libraries by name, as others have them. */
public final class ConstantsOf {
  private static final Pattern ENUM =
      Pattern.compile("typedef\\s+enum[^{]*\\{(.*?)\\}", Pattern.DOTALL);
  private static final Pattern VALUE =
      Pattern.compile("\\b(CU\\w+)\\s*(?:\\w+_DEPRECATED_ENUM)?\\s*=\\s*(-?(?:0x)?[0-9a-f]+)\\b");

  private ConstantsOf() {}

  /** Reads the enums of a C header. */
  public static Map<String, Long> header(Path file) throws IOException {
    String text = Files.readString(file);
    String code = Pattern.compile("/\\*.*?\\*/", Pattern.DOTALL).matcher(text).replaceAll("");
    Map<String, Long> constants = new HashMap<>();
    Matcher bodies = ENUM.matcher(code);
    while (bodies.find()) {
      Matcher values = VALUE.matcher(bodies.group(1));
      while (values.find()) {
        constants.put(values.group(1), Long.decode(values.group(2)));
      }
    }
    return constants;
  }

  /**
   * Reads the constants of a class of JavaCPP's presets from its file: to initialise it would load
   * NVIDIA's libraries.
   */
  public static Map<String, Long> presets(String name) {
    String resource = "/" + name.replace('.', '/') + ".class";
    ClassModel model;
    try (InputStream in = ConstantsOf.class.getResourceAsStream(resource)) {
      model = ClassFile.of().parse(Objects.requireNonNull(in, resource).readAllBytes());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Map<String, Long> constants = new HashMap<>();
    model
        .fields()
        .forEach(
            field ->
                field
                    .findAttribute(Attributes.constantValue())
                    .map(attribute -> value(attribute.constant()))
                    .ifPresent(value -> constants.put(field.fieldName().stringValue(), value)));
    return constants;
  }

  private static Long value(ConstantValueEntry entry) {
    return entry.constantValue() instanceof Number number ? number.longValue() : null;
  }
}
