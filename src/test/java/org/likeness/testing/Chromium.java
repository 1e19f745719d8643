package org.likeness.testing;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A headless Chromium with one page, driven through the protocol of its developer tools. */
public final class Chromium implements AutoCloseable {
  /** The system property that names the program where it is not on the path. */
  public static final String PROPERTY = "likeness.chromium";

  private static final List<String> NAMES =
      List.of("chromium", "chromium-browser", "google-chrome", "chrome", "chrome.exe");
  private static final int SECONDS = 30;

  private final Path folder;
  private final Process process;
  private final HttpClient http = HttpClient.newHttpClient();
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> complaints = new CopyOnWriteArrayList<>();
  private final CompletableFuture<Void> loaded = new CompletableFuture<>();
  private int calls;

  /** Returns the program that the property names, or the first on the path. */
  public static Optional<Path> find() {
    String named = System.getProperty(PROPERTY);
    if (named != null) {
      return Optional.of(Path.of(named)).filter(Files::isExecutable);
    }
    for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
      for (String name : NAMES) {
        Path file = Path.of(folder, name);
        if (Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  /** Starts it with a folder for its own files, and opens a page. */
  public Chromium(Path program, Path folder, URI page) throws Exception {
    this.folder = folder;
    List<String> command =
        new ArrayList<>(
            List.of(
                program.toString(),
                "--headless=new",
                "--disable-gpu",
                "--no-first-run",
                "--disable-background-networking",
                "--window-size=1400,1200",
                "--remote-debugging-port=0",
                "--user-data-dir=" + folder));
    if ("root".equals(System.getProperty("user.name"))) {
      command.add("--no-sandbox"); // it refuses to start without
    }
    command.add("about:blank");
    process =
        new ProcessBuilder(command)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    String host = awaitHost();
    HttpRequest open =
        HttpRequest.newBuilder(URI.create("http://" + host + "/json/new"))
            .PUT(BodyPublishers.noBody())
            .build();
    String answer = http.send(open, BodyHandlers.ofString()).body();
    String address = JsonMapper.shared().readTree(answer).get("webSocketDebuggerUrl").asString();
    socket =
        http.newWebSocketBuilder()
            .buildAsync(URI.create(address), new Messages())
            .get(SECONDS, TimeUnit.SECONDS);
    for (String domain : List.of("Page", "Network", "Runtime", "Log")) {
      call(domain + ".enable", Map.of());
    }
    call("Page.navigate", Map.of("url", page.toString()));
    loaded.get(SECONDS, TimeUnit.SECONDS);
  }

  /** Waits for the file in which it says where it listens. */
  private String awaitHost() throws IOException, InterruptedException {
    Path file = folder.resolve("DevToolsActivePort");
    for (int tenths = 0; tenths < 10 * SECONDS && process.isAlive(); tenths++) {
      List<String> lines = Files.exists(file) ? Files.readAllLines(file) : List.of();
      if (lines.size() > 1) {
        return "127.0.0.1:" + lines.getFirst();
      }
      Thread.sleep(100);
    }
    throw new IOException("Chromium does not listen");
  }

  private final class Messages implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        JsonNode message = JsonMapper.shared().readTree(text.toString());
        text.setLength(0);
        take(message);
      }
      from.request(1);
      return null;
    }
  }

  private void take(JsonNode message) {
    if (message.has("id")) {
      answers.remove(message.get("id").asInt()).complete(message);
      return;
    }
    switch (message.get("method").asString()) {
      case "Page.loadEventFired" -> loaded.complete(null);
      case "Network.requestWillBeSent" ->
          requests.add(message.at("/params/request/url").asString());
      case "Runtime.exceptionThrown" ->
          complaints.add(message.at("/params/exceptionDetails").toString());
      case "Log.entryAdded" -> complaints.add(message.at("/params/entry").toString());
      default -> {}
    }
  }

  /** Calls a method of the protocol and waits for its result. */
  public JsonNode call(String method, Map<String, ?> parameters) throws Exception {
    int id = ++calls;
    CompletableFuture<JsonNode> answer = new CompletableFuture<>();
    answers.put(id, answer);
    Map<String, Object> message = Map.of("id", id, "method", method, "params", parameters);
    socket.sendText(JsonMapper.shared().writeValueAsString(message), true);
    JsonNode got = answer.get(SECONDS, TimeUnit.SECONDS);
    if (got.has("error")) {
      throw new IOException(method + ": " + got.get("error"));
    }
    return got.get("result");
  }

  /** Returns the value of an expression in the page. */
  public JsonNode evaluate(String expression) throws Exception {
    Map<String, Object> wanted = Map.of("expression", expression, "returnByValue", true);
    JsonNode result = call("Runtime.evaluate", wanted);
    if (result.has("exceptionDetails")) {
      throw new IOException(expression + ": " + result.get("exceptionDetails"));
    }
    return result.at("/result/value");
  }

  /** Moves the mouse, in the window's pixels. */
  public void moveMouse(double x, double y) throws Exception {
    mouse("mouseMoved", x, y, Map.of());
  }

  /** Sends a mouse event. */
  public void mouse(String type, double x, double y, Map<String, Object> more) throws Exception {
    Map<String, Object> event = new java.util.HashMap<>(more);
    event.put("type", type);
    event.put("x", x);
    event.put("y", y);
    call("Input.dispatchMouseEvent", event);
  }

  /** Returns what is seen, as a PNG. */
  public byte[] screenshot() throws Exception {
    String data = call("Page.captureScreenshot", Map.of("format", "png")).get("data").asString();
    return Base64.getDecoder().decode(data);
  }

  /** Returns the address of everything that the page asked for. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Returns uncaught exceptions and what the browser itself logged. */
  public List<String> complaints() {
    return List.copyOf(complaints);
  }

  @Override
  public void close() throws Exception {
    socket.abort();
    http.shutdownNow();
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor(SECONDS, TimeUnit.SECONDS);
    for (String link : List.of("SingletonLock", "SingletonSocket", "SingletonCookie")) {
      Files.deleteIfExists(folder.resolve(link)); // they lead out of the folder
    }
  }
}
