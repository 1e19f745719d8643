package org.likeness.cli;

import java.io.PrintStream;
import picocli.CommandLine;
import picocli.CommandLine.IFactory;

/** Makes the commands and gives them the streams that they print to. */
record Commands(PrintStream out, PrintStream err) implements IFactory {
  @Override
  public <K> K create(Class<K> type) throws Exception {
    if (type == DemoCommand.class) {
      return type.cast(new DemoCommand(out, err));
    }
    if (type == SynthCommand.class) {
      return type.cast(new SynthCommand(out));
    }
    if (type == TrainCommand.class) {
      return type.cast(new TrainCommand(out, err));
    }
    if (type == PredictCommand.class) {
      return type.cast(new PredictCommand(out, err));
    }
    if (type == VerifyCommand.class) {
      return type.cast(new VerifyCommand(out, err));
    }
    if (type == InspectCommand.class) {
      return type.cast(new InspectCommand(out, err));
    }
    if (type == VramCommand.class) {
      return type.cast(new VramCommand(out, err));
    }
    if (type == DoctorCommand.class) {
      return type.cast(new DoctorCommand(out));
    }
    if (type == OptionsCommand.class) {
      return type.cast(new OptionsCommand(out));
    }
    if (type == FacesetCommand.class) {
      return type.cast(new FacesetCommand(out));
    }
    if (type == BenchDataCommand.class) {
      return type.cast(new BenchDataCommand(out));
    }
    if (type == BenchKernelsCommand.class) {
      return type.cast(new BenchKernelsCommand(out));
    }
    return CommandLine.defaultFactory().create(type);
  }
}
