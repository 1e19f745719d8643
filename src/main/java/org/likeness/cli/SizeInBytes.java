package org.likeness.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads 8GiB, 12.5 GB or 900MiB as bytes. */
final class SizeInBytes implements ITypeConverter<Long> {
  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?) ?(GiB|GB|MiB|MB)");

  @Override
  public Long convert(String text) {
    Matcher size = SIZE.matcher(text);
    if (!size.matches()) {
      throw new TypeConversionException(text + " is no size; write 8GiB, 12.5GB or 900MiB");
    }
    double unit =
        switch (size.group(2)) {
          case "GiB" -> 1L << 30;
          case "GB" -> 1e9;
          case "MiB" -> 1L << 20;
          default -> 1e6;
        };
    return (long) (Double.parseDouble(size.group(1)) * unit);
  }
}
