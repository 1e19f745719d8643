package org.likeness.architecture;

import static java.util.Map.entry;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which package may use which. A package may use those that its row names, what those may use, and
 * the JDK; a subpackage without a row of its own belongs to its parent's.
 *
 * @param root the package whose subpackages the rows are
 */
record ImportTable(String root) {
  private static final Map<String, Set<String>> ROWS =
      Map.ofEntries(
          entry("cli", Set.of("dashboard", "train", "interop", "runtime", "saehd", "faceset")),
          entry("dashboard", Set.of("train")),
          entry("train", Set.of("saehd", "faceset", "nn", "runtime", "format")),
          entry("interop", Set.of("saehd", "nn", "graph", "format")),
          entry("runtime", Set.of("device", "device.cpu", "device.cuda", "ffi")),
          entry("saehd", Set.of("nn", "graph")),
          entry("faceset", Set.of("format")),
          entry("nn", Set.of("graph")),
          entry("device", Set.of("graph")),
          entry("device.cpu", Set.of("device", "graph", "ffi")),
          entry("device.cuda", Set.of("device", "graph", "cuda", "ffi")),
          entry("cuda", Set.of("ffi")),
          entry("format", Set.of()),
          entry("graph", Set.of()),
          entry("ffi", Set.of()));

  /** Other people's packages, each only where it is named; a row does not pass them on. */
  private static final Map<String, Set<String>> LIBRARIES =
      Map.of(
          "cli", Set.of("picocli", "org.jline", "me.tongfei.progressbar", "tools.jackson"),
          "dashboard", Set.of("tools.jackson"),
          "train", Set.of("tools.jackson"),
          "interop", Set.of("org.tribuo", "com.google.protobuf"),
          "faceset", Set.of("org.bytedeco"));

  private static final Set<String> JDK =
      Set.of("java", "javax", "jdk", "com.sun.net.httpserver", "com.sun.management");

  /** Only {@code ffi} links native code. */
  private static final Set<String> LINKING =
      Set.of("java.lang.foreign.Linker", "java.lang.foreign.SymbolLookup");

  private static final Pattern PACKAGE = Pattern.compile("(?m)^package\\s+([\\w.]+)\\s*;");
  private static final Pattern IMPORT =
      Pattern.compile("(?m)^import\\s+(?:static\\s+)?([\\w.]+)(?:\\.\\*)?\\s*;");

  /**
   * What the compiled classes use against the table, a sentence each: also what needs no import.
   */
  List<String> violations(JavaClasses classes) {
    Set<String> found = new TreeSet<>();
    for (JavaClass type : classes) {
      for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
        String used = dependency.getTargetClass().getBaseComponentType().getName();
        String sentence = sentence(type.getPackageName(), used);
        if (sentence != null) {
          found.add(outermost(type.getName()) + ": " + sentence);
        }
      }
    }
    return List.copyOf(found);
  }

  /**
   * What a source imports against the table: also constants, which a compiled class no longer
   * names.
   */
  List<String> violations(String source) {
    Matcher declaration = PACKAGE.matcher(source);
    if (!declaration.find()) {
      return List.of("a source without a package");
    }
    List<String> found = new ArrayList<>();
    Matcher imports = IMPORT.matcher(source);
    while (imports.find()) {
      String sentence = sentence(declaration.group(1), imports.group(1));
      if (sentence != null) {
        found.add(sentence);
      }
    }
    return found;
  }

  /** Why a package may not use a class, or null where it may. */
  private String sentence(String from, String used) {
    String row = row(from);
    if (row == null) {
      return "package " + from + " has no row in the table of imports";
    }
    String name = outermost(used);
    if (name.startsWith(root + ".")) {
      String target = row(name);
      return target != null && reachable(row).contains(target)
          ? null
          : row + " may not use " + name.substring(root.length() + 1);
    }
    if (LINKING.contains(name) && !row.equals("ffi")) {
      return row + " may not use " + name + ": only ffi links native code";
    }
    boolean primitive = !name.contains(".");
    return primitive || within(name, JDK) || within(name, LIBRARIES.getOrDefault(row, Set.of()))
        ? null
        : row + " may not use " + name;
  }

  /** The row that a class or package of ours belongs to, the longest that fits, or null. */
  private String row(String name) {
    String rest = name.startsWith(root + ".") ? name.substring(root.length() + 1) : "";
    while (!rest.isEmpty() && !ROWS.containsKey(rest)) {
      rest = rest.substring(0, Math.max(0, rest.lastIndexOf('.')));
    }
    return rest.isEmpty() ? null : rest;
  }

  private static Set<String> reachable(String row) {
    Set<String> reached = new HashSet<>(Set.of(row));
    for (String named : ROWS.get(row)) {
      reached.addAll(reachable(named));
    }
    return reached;
  }

  private static boolean within(String name, Set<String> packages) {
    return packages.stream().anyMatch(prefix -> name.startsWith(prefix + "."));
  }

  private static String outermost(String name) {
    int nested = name.indexOf('$');
    return nested < 0 ? name : name.substring(0, nested);
  }
}
