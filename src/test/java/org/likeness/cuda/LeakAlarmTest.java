package org.likeness.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.text.MessageFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LeakAlarmTest {
  private final Logger logger = Logger.getLogger(LeakAlarm.class.getName());
  private final BlockingQueue<String> said = new LinkedBlockingQueue<>();
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord entry) {
          said.add(MessageFormat.format(entry.getMessage(), entry.getParameters()));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @BeforeEach
  void listen() {
    logger.setUseParentHandlers(false);
    logger.addHandler(handler);
  }

  @AfterEach
  void stop() {
    logger.removeHandler(handler);
    logger.setUseParentHandlers(true);
  }

  private String firstWord() throws InterruptedException {
    String word = null;
    for (int i = 0; i < 50 && word == null; i++) {
      System.gc();
      word = said.poll(100, TimeUnit.MILLISECONDS);
    }
    return word;
  }

  @Test
  void anOwnerThatIsGoneWithoutBeingClosedIsNamed() throws InterruptedException {
    LeakAlarm.on(new Object(), "the test's memory");
    assertEquals("the test's memory was never closed", firstWord());
  }

  @Test
  void oneThatWasClosedIsNotAndClosesOnce() throws InterruptedException {
    LeakAlarm alarm = LeakAlarm.on(new Object(), "the closed");
    assertTrue(alarm.disarm());
    assertFalse(alarm.disarm());
    LeakAlarm.on(new Object(), "another");
    assertEquals("another was never closed", firstWord());
    assertNull(said.poll());
  }
}
