package org.likeness.cuda;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Says so when an owner of something native was collected as garbage without having been closed: a
 * mistake in Likeness, which leaks until the device is closed.
 */
public final class LeakAlarm {
  private static final Cleaner CLEANER = Cleaner.create();
  private static final System.Logger LOG = System.getLogger(LeakAlarm.class.getName());

  private final Watch watch;

  /** What is known of an owner after it is gone; it must not refer to it. */
  private static final class Watch implements Runnable {
    private final String what;
    private final AtomicBoolean closed = new AtomicBoolean();

    Watch(String what) {
      this.what = what;
    }

    @Override
    public void run() {
      if (!closed.get()) {
        LOG.log(System.Logger.Level.WARNING, "{0} was never closed", what);
      }
    }
  }

  private LeakAlarm(Watch watch) {
    this.watch = watch;
  }

  /** Watches an owner; {@code what} is how the alarm calls it. */
  public static LeakAlarm on(Object owner, String what) {
    Watch watch = new Watch(what);
    CLEANER.register(owner, watch);
    return new LeakAlarm(watch);
  }

  /** Disarms the alarm; true only for the first time, when the owner is to be given back. */
  public boolean disarm() {
    return watch.closed.compareAndSet(false, true);
  }
}
