package org.likeness.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.likeness.device.cuda.ModelledGpu;
import org.likeness.graph.Cut;
import org.likeness.graph.Levers;
import org.likeness.graph.MemoryPlan.Placement;
import org.likeness.saehd.SaehdOptions;
import org.likeness.testing.Chromium;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The page of {@code likeness vram --html}: as a file, and in a browser. */
class VramPageTest {
  private static final Map<String, VramPlan> PLANS = plans();

  @TempDir Path dir;

  private static Map<String, VramPlan> plans() {
    SaehdOptions options = SaehdOptions.of(Map.of("archi", "df-ud", "resolution", "64"));
    ModelledGpu gpu = ModelledGpu.named("rtx-4090");
    Map<String, VramPlan> plans = new LinkedHashMap<>();
    plans.put("as written", VramPlan.of(options, gpu, Levers.NONE));
    plans.put("in series", VramPlan.of(options, gpu, new Levers(true, true, false, Cut.NONE)));
    plans.put("dense factors " + VramPage.PLANNED, VramPlan.of(options, gpu, Levers.DEFAULT));
    return plans;
  }

  private static String page() throws Exception {
    return VramPage.of("df-ud, 64 px, 4 & <more>", PLANS);
  }

  private static VramPlan planned() {
    return PLANS.get("dense factors " + VramPage.PLANNED);
  }

  private static JsonNode data(String page) {
    int from = page.indexOf("const DATA = ") + "const DATA = ".length();
    return JsonMapper.shared().readTree(page.substring(from, page.indexOf(";\n", from)));
  }

  @Test
  void thePageHoldsEveryValueOfEveryPlan() throws Exception {
    JsonNode data = data(page());
    assertEquals("df-ud, 64 px, 4 & <more>", data.get("about").asString());
    assertEquals(3, data.get("plans").size());
    JsonNode last = data.get("plans").get(2);
    assertTrue(last.get("planned").asBoolean());
    assertFalse(data.get("plans").get(0).get("planned").asBoolean());
    List<Placement> placements = planned().step().memory().placements();
    assertEquals(placements.size(), last.get("values").size());
    for (int i = 0; i < placements.size(); i++) {
      JsonNode value = last.get("values").get(i);
      Placement placement = placements.get(i);
      assertEquals(placement.interval().name(), value.get("name").asString());
      assertEquals(placement.offset(), value.get("offset").asLong());
      assertEquals(placement.interval().bytes(), value.get("bytes").asLong());
      assertEquals(placement.interval().first(), value.get("first").asInt());
      assertEquals(placement.interval().last(), value.get("last").asInt());
    }
    long total = 0;
    for (JsonNode pool : last.get("pools")) {
      total += pool.asLong();
    }
    assertEquals(planned().plannedBytes(), total);
    int node = 0; // the passes follow one another without a gap
    for (JsonNode pass : last.get("passes")) {
      assertEquals(node, pass.get("from").asInt());
      node = pass.get("to").asInt() + 1;
    }
    assertEquals(planned().step().graph().nodes().size(), node);
  }

  @Test
  void nothingIsAskedOfAnybody() throws Exception {
    String page = page();
    assertTrue(page.contains("content=\"default-src 'none'; script-src 'unsafe-inline';"));
    for (String request :
        List.of("http:", "https:", "src=", "@import", "url(", "fetch(", "WebSocket", "import(")) {
      assertFalse(page.contains(request), request);
    }
  }

  /** A value's name cannot end the script, and every element that opens closes. */
  @Test
  void thePageIsWellFormed() throws Exception {
    String page = page();
    String markup =
        page.replaceAll("(?s)<script>.*?</script>|<style>.*?</style>", "").replaceAll("<!.*?>", "");
    assertFalse(markup.contains("DATA"), "the script ends within itself");
    Set<String> alone = Set.of("meta", "link", "input", "br");
    Deque<String> open = new ArrayDeque<>();
    Matcher tags = Pattern.compile("<(/?)([a-z0-9]+)[^>]*>").matcher(markup);
    while (tags.find()) {
      String tag = tags.group(2);
      if (!tags.group(1).isEmpty()) {
        assertEquals(tag, open.pop());
      } else if (!alone.contains(tag)) {
        open.push(tag);
      }
    }
    assertTrue(open.isEmpty(), open.toString());
  }

  private static Chromium browser(Path dir) throws Exception {
    Optional<Path> program = Chromium.find();
    assumeTrue(
        program.isPresent(),
        "no Chromium or Chrome on PATH to open the page; -D" + Chromium.PROPERTY + " names one");
    Path page = Files.writeString(dir.resolve("plan.html"), page());
    return new Chromium(program.get(), dir.resolve("browser"), page.toUri());
  }

  /** Where on the screen a placement's middle lies, by the page's own axes. */
  private static double[] middle(Chromium browser, Placement p) throws Exception {
    double node = (p.interval().first() + p.interval().last() + 1) / 2.0;
    double bytes = p.offset() + p.interval().bytes() / 2.0;
    JsonNode at =
        browser.evaluate(
            "(() => { canvas.scrollIntoView(); const box = canvas.getBoundingClientRect();"
                + "return [box.left + x(%s), box.top + y(%s)]; })()".formatted(node, bytes));
    return new double[] {at.get(0).asDouble(), at.get(1).asDouble()};
  }

  private static Placement largest() {
    return planned().step().memory().aliveAtPeak().getFirst();
  }

  @Test
  void pointingAtAValueNamesIt() throws Exception {
    try (Chromium browser = browser(dir)) {
      Placement largest = largest();
      double[] at = middle(browser, largest);
      byte[] before = browser.screenshot();
      browser.moveMouse(at[0], at[1]);
      String tip = browser.evaluate("document.getElementById('tip').innerText").asString();
      assertTrue(tip.startsWith(largest.interval().name() + " ("), tip);
      assertTrue(tip.contains(String.format("(%,d bytes at ", largest.interval().bytes())), tip);
      assertTrue(tip.contains("from node " + largest.interval().first() + ", "), tip);
      byte[] after = browser.screenshot();
      assertFalse(Arrays.equals(before, after), "nothing is seen of it");
      browser.moveMouse(2, 2);
      assertEquals(
          "none", browser.evaluate("document.getElementById('tip').style.display").asString());
      assertEquals(List.of(), browser.complaints());
      String page = dir.resolve("plan.html").toUri().toString();
      List<String> others = browser.requests().stream().filter(r -> !r.equals(page)).toList();
      assertTrue(others.stream().allMatch(r -> r.startsWith("data:")), others.toString());
    }
  }

  private static int pixel(byte[] png, double x, double y) throws Exception {
    return ImageIO.read(new ByteArrayInputStream(png)).getRGB((int) x, (int) y);
  }

  @Test
  void thePlannedOneIsSeenFirstAndAnotherWhenItIsChosen() throws Exception {
    try (Chromium browser = browser(dir)) {
      String pressed = "document.querySelector('#plans [aria-pressed=true]').textContent";
      assertEquals("dense factors (planned)", browser.evaluate(pressed).asString());
      browser.evaluate("document.querySelector('#plans button').click()");
      assertEquals("as written", browser.evaluate(pressed).asString());
      assertEquals(
          PLANS.get("as written").step().memory().slabBytes(),
          browser.evaluate("plan.slab").asLong());
    }
  }

  /** The page follows the system: the same value is another colour on another ground. */
  @Test
  void darkIsNotLight() throws Exception {
    try (Chromium browser = browser(dir)) {
      double[] at = middle(browser, largest());
      byte[] light = browser.screenshot();
      browser.call(
          "Emulation.setEmulatedMedia",
          Map.of("features", List.of(Map.of("name", "prefers-color-scheme", "value", "dark"))));
      browser.evaluate("new Promise(done => requestAnimationFrame(() => done(1)))");
      byte[] dark = browser.screenshot();
      assertNotEquals(pixel(light, at[0], at[1]), pixel(dark, at[0], at[1]));
      assertTrue((pixel(light, 3, 3) & 0xff) > 200 && (pixel(dark, 3, 3) & 0xff) < 60);
      assertEquals(List.of(), browser.complaints());
    }
  }

  @Test
  void draggingLooksCloserAndADoubleClickSeesAllAgain() throws Exception {
    try (Chromium browser = browser(dir)) {
      double[] at = middle(browser, largest());
      Map<String, Object> left = Map.of("button", "left", "buttons", 1, "clickCount", 1);
      browser.mouse("mousePressed", at[0], at[1], left);
      browser.mouse("mouseMoved", at[0] + 150, at[1], Map.of("buttons", 1, "button", "left"));
      browser.mouse("mouseReleased", at[0] + 150, at[1], left);
      int nodes = planned().step().graph().nodes().size();
      double seen = browser.evaluate("view[1] - view[0]").asDouble();
      assertTrue(seen < nodes / 4.0, seen + " of " + nodes + " nodes are seen");
      browser.evaluate("canvas.dispatchEvent(new MouseEvent('dblclick'))");
      assertEquals(nodes + 1, browser.evaluate("view[1] - view[0]").asInt());
    }
  }
}
