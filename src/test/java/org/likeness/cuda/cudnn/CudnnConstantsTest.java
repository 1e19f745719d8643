package org.likeness.cuda.cudnn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.reflect.Field;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.likeness.cuda.ConstantsOf;
import org.likeness.ffi.Availability;
import org.likeness.ffi.NativeLibrary;
import org.likeness.testing.NvidiaFiles;

/** What the bindings say of cuDNN, against NVIDIA's headers and libraries and other bindings. */
class CudnnConstantsTest {
  private static Map<String, Long> ours() throws IllegalAccessException {
    Map<String, Long> ours = new TreeMap<>();
    for (Field field : CudnnConstants.class.getDeclaredFields()) {
      ours.put(field.getName(), field.getLong(null));
    }
    for (Attribute each : Attribute.values()) {
      ours.put(each.name(), (long) each.value());
    }
    for (AttributeType each : AttributeType.values()) {
      ours.put(each.name(), (long) each.value());
    }
    for (DescriptorType each : DescriptorType.values()) {
      ours.put(each.name(), (long) each.value());
    }
    return ours;
  }

  private static void compare(Map<String, Long> theirs) throws IllegalAccessException {
    Map<String, Long> ours = ours();
    Map<String, Long> wanted = new TreeMap<>(ours);
    wanted.replaceAll((name, value) -> theirs.get(name));
    assertEquals(wanted, ours);
  }

  @Test
  void constantsAreThoseOfJavaCppsPresets() throws IllegalAccessException {
    compare(ConstantsOf.presets("org.bytedeco.cuda.global.cudnn"));
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void constantsAreThoseOfTheHeader(int cuda) throws Exception {
    compare(ConstantsOf.header(NvidiaFiles.file(cuda, "cudnn_graph_v9.h")));
  }

  @ParameterizedTest
  @ValueSource(ints = {12, 13})
  void everyFunctionIsExported(int cuda) {
    NativeLibrary library = NativeLibrary.open(NvidiaFiles.file(cuda, "libcudnn.so.9")).orThrow();
    Availability<CudnnFunctions> bound = library.bind(CudnnFunctions::of);
    assertEquals("", bound instanceof Availability.Available ? "" : bound.message());
  }
}
