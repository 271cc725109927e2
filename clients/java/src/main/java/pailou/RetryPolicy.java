package pailou;

import java.time.Duration;

/**
 * How often, and after which delays, a call that failed is made again.
 *
 * @param tries all of them, the first included
 * @param delayMin before the second try; it doubles from try to try
 * @param delayMax no delay is longer, except one that the server asked for
 * @param jitter the part of a delay by which it is spread, up and down
 */
public record RetryPolicy(int tries, Duration delayMin, Duration delayMax, double jitter) {
    /** 4 tries, 100 ms × 2 up to 1 s, ± 20 %. */
    public static final RetryPolicy DEFAULT =
            new RetryPolicy(4, Duration.ofMillis(100), Duration.ofSeconds(1), 0.2);

    /** One try. */
    public static final RetryPolicy NONE = new RetryPolicy(1, Duration.ZERO, Duration.ZERO, 0);

    /** Whether a call that failed in this way may be made again. */
    static boolean isRetryable(RpcException error, boolean isIdempotent) {
        if ("closed".equals(error.reason()) || error.tries() > 0) {
            return false;
        }
        if (error.isNotStarted() || error.isResumable()) {
            return true;
        }
        return isIdempotent
                && (error.code() == RpcException.UNAVAILABLE || error.code() == RpcException.DEADLINE_EXCEEDED);
    }

    /** Whether a server that stops did not do the call, which the next one is to be asked for at once. */
    static boolean isOfStopping(RpcException error) {
        return error.isResumable() || error.isNotStarted() && "draining".equals(error.reason());
    }

    /**
     * Nanoseconds to wait before the try after number {@code attempt} (counted from 1); -1 when there must be none.
     *
     * @param random 0…1, where the delay lies within its spread
     */
    long delayNanos(RpcException error, int attempt, boolean isIdempotent, long remainingNanos, double random) {
        if (attempt >= tries || !isRetryable(error, isIdempotent)) {
            return -1;
        }
        double backoff = Math.min(delayMax.toNanos(), delayMin.toNanos() * Math.pow(2, attempt - 1));
        long asked = error.retryAfter() == null ? 0 : error.retryAfter().toNanos();
        long delay = Math.max(spread(backoff, jitter, random), asked);
        return delay < remainingNanos ? delay : -1;
    }

    static long spread(double nanos, double jitter, double random) {
        return Math.round(nanos * (1 + jitter * (2 * random - 1)));
    }
}
