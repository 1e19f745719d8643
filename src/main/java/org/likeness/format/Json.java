package org.likeness.format;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strict JSON reader for headers: objects become insertion-ordered maps, integers Long, other
 * numbers Double. Duplicate keys, integers beyond 64 bits, depth over 32 and trailing text are
 * refused.
 */
final class Json {
  private static final int DEEPEST = 32;

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  static Object parse(String text) throws FormatException {
    Json json = new Json(text);
    Object value = json.value(0);
    json.skipBlanks();
    if (json.at < text.length()) {
      throw json.refuse("text after the value");
    }
    return value;
  }

  /** {@code s} as a JSON string literal, quotes included. */
  static String quote(String s) {
    StringBuilder out = new StringBuilder("\"");
    for (int i = 0; i < s.length(); i++) {
      char c = s.charAt(i);
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        default -> {
          if (c < 0x20 || Character.isSurrogate(c)) {
            out.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  private Object value(int depth) throws FormatException {
    if (depth > DEEPEST) {
      throw refuse("nesting deeper than " + DEEPEST);
    }
    skipBlanks();
    return switch (peek()) {
      case '{' -> object(depth);
      case '[' -> array(depth);
      case '"' -> string();
      case 't' -> word("true", true);
      case 'f' -> word("false", false);
      case 'n' -> word("null", null);
      default -> number();
    };
  }

  private Map<String, Object> object(int depth) throws FormatException {
    Map<String, Object> entries = new LinkedHashMap<>();
    at++;
    skipBlanks();
    if (peek() == '}') {
      at++;
      return entries;
    }
    while (true) {
      skipBlanks();
      String key = string();
      skipBlanks();
      expect(':');
      Object value = value(depth + 1);
      if (entries.containsKey(key)) {
        throw refuse("a second entry named '" + FormatException.shown(key) + "'");
      }
      entries.put(key, value);
      skipBlanks();
      if (peek() == '}') {
        at++;
        return entries;
      }
      expect(',');
    }
  }

  private List<Object> array(int depth) throws FormatException {
    List<Object> items = new ArrayList<>();
    at++;
    skipBlanks();
    if (peek() == ']') {
      at++;
      return items;
    }
    while (true) {
      items.add(value(depth + 1));
      skipBlanks();
      if (peek() == ']') {
        at++;
        return items;
      }
      expect(',');
    }
  }

  private String string() throws FormatException {
    expect('"');
    StringBuilder out = new StringBuilder();
    while (true) {
      char c = next();
      if (c == '"') {
        return out.toString();
      }
      if (c < 0x20) {
        throw refuse("a control character in a string");
      }
      out.append(c == '\\' ? escape() : c);
    }
  }

  private char escape() throws FormatException {
    char c = next();
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> {
        int code = 0;
        for (int i = 0; i < 4; i++) {
          char h = next();
          int digit = h < 128 ? Character.digit(h, 16) : -1;
          if (digit < 0) {
            throw refuse("a broken \\u escape");
          }
          code = code << 4 | digit;
        }
        yield (char) code;
      }
      default -> throw refuse("an unknown escape");
    };
  }

  private Object number() throws FormatException {
    int start = at;
    if (peek() == '-') {
      at++;
    }
    int whole = at;
    int digits = digits();
    if (digits == 0 || (digits > 1 && text.charAt(whole) == '0')) {
      throw refuse("no value");
    }
    boolean integer = true;
    if (at < text.length() && text.charAt(at) == '.') {
      integer = false;
      at++;
      requireDigits();
    }
    if (at < text.length() && (text.charAt(at) | 0x20) == 'e') {
      integer = false;
      at++;
      if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
        at++;
      }
      requireDigits();
    }
    String literal = text.substring(start, at);
    if (!integer) {
      return Double.valueOf(literal);
    }
    try {
      return Long.valueOf(literal);
    } catch (NumberFormatException e) {
      throw refuse("an integer beyond 64 bits");
    }
  }

  private void requireDigits() throws FormatException {
    if (digits() == 0) {
      throw refuse("a number without digits");
    }
  }

  private int digits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - start;
  }

  private Object word(String word, Object value) throws FormatException {
    if (!text.startsWith(word, at)) {
      throw refuse("no value");
    }
    at += word.length();
    return value;
  }

  private void skipBlanks() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private char peek() throws FormatException {
    if (at >= text.length()) {
      throw refuse("an early end");
    }
    return text.charAt(at);
  }

  private char next() throws FormatException {
    char c = peek();
    at++;
    return c;
  }

  private void expect(char c) throws FormatException {
    if (peek() != c) {
      throw refuse("no '" + c + "'");
    }
    at++;
  }

  private FormatException refuse(String found) {
    return new FormatException(found + " at character " + at);
  }
}
