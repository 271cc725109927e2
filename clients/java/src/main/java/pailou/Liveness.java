package pailou;

import java.time.Duration;

/** Whether the server is still there: what was heard of it, and when it has to be asked. Times are in nanoseconds. */
final class Liveness {
    private static final long FRAME_NANOS = 30_000_000_000L;
    private static final long FRAME_NANOS_PER_OCTET = 1_000_000_000L / 65_536;

    private final Duration keepAlive;
    private long heardAt;
    private long pingedAt = Request.NEVER;
    private long frameBegunAt = Request.NEVER;

    Liveness(Settings settings) {
        keepAlive = settings.keepAlive;
    }

    /** Octets came. */
    void heard(long now) {
        heardAt = now;
        pingedAt = Request.NEVER;
    }

    /** A frame is being read; when to look after it. */
    long frameBegun(long now) {
        if (frameBegunAt != Request.NEVER) {
            return Request.NEVER;
        }
        frameBegunAt = now;
        return now + FRAME_NANOS;
    }

    void frameEnded() {
        frameBegunAt = Request.NEVER;
    }

    /**
     * When the frame that has begun is to be complete.
     *
     * @throws RpcException when it should have been by now
     */
    long checkFrame(long now, long octets) {
        if (frameBegunAt == Request.NEVER) {
            return Request.NEVER;
        }
        long end = frameBegunAt + FRAME_NANOS + octets * FRAME_NANOS_PER_OCTET;
        if (now >= end) {
            throw RpcException.protocol("a frame that began was not completed in time");
        }
        return end;
    }

    /**
     * Whether the server is to be asked now.
     *
     * @throws RpcException when it was asked and did not answer
     */
    boolean needsPing(long now) {
        if (pingedAt != Request.NEVER) {
            if (now >= pingedAt + keepAlive.toNanos()) {
                throw RpcException.protocol("nothing was heard for " + keepAlive.multipliedBy(2));
            }
            return false;
        }
        if (now < heardAt + keepAlive.toNanos()) {
            return false;
        }
        pingedAt = now;
        return true;
    }

    /** When to ask {@link #needsPing} again. */
    long pingAt() {
        return (pingedAt == Request.NEVER ? heardAt : pingedAt) + keepAlive.toNanos();
    }
}
