package org.likeness.gpucheck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.EngineFilter;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import tools.jackson.databind.json.JsonMapper;

/** Runs test classes in this process and prints a line of JSON for each as it ends. */
final class DeviceTests {
  /** The mark of its lines among what tests print. */
  static final String MARK = "class-result ";

  private static final int LONGEST = 400;

  private DeviceTests() {}

  /** Runs the classes that are named; the status is 0 only if nothing failed. */
  public static void main(String[] classes) {
    boolean failed = false;
    for (String name : classes) {
      Counts counts = new Counts();
      LauncherDiscoveryRequest request =
          LauncherDiscoveryRequestBuilder.request()
              .selectors(DiscoverySelectors.selectClass(name))
              .filters(
                  EngineFilter.includeEngines("junit-jupiter"),
                  ClassNameFilter.includeClassNamePatterns(".*"))
              .build();
      LauncherFactory.create().execute(request, counts);
      failed |= !counts.failures.isEmpty();
      System.out.println(MARK + JsonMapper.shared().writeValueAsString(counts.figures(name)));
    }
    System.exit(failed ? 1 : 0);
  }

  /** What came of one class. */
  private static final class Counts implements TestExecutionListener {
    private final List<Map<String, String>> failures = new ArrayList<>();
    private final List<String> skipped = new ArrayList<>();
    private int passed;

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      skipped.add(test.getDisplayName() + ": " + reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      String message = result.getThrowable().map(Throwable::toString).orElse("");
      switch (result.getStatus()) {
        case SUCCESSFUL -> passed += test.isTest() ? 1 : 0;
        case ABORTED -> skipped.add(test.getDisplayName() + ": " + message);
        case FAILED -> failures.add(Map.of("test", test.getDisplayName(), "message", cut(message)));
      }
    }

    private static String cut(String message) {
      return message.length() <= LONGEST ? message : message.substring(0, LONGEST) + "…";
    }

    Map<String, Object> figures(String name) {
      Map<String, Object> figures = new LinkedHashMap<>();
      figures.put("class", name.substring(name.lastIndexOf('.') + 1));
      figures.put("passed", passed);
      figures.put("failed", failures.size());
      figures.put("skipped", skipped);
      figures.put("failures", failures);
      return figures;
    }
  }
}
