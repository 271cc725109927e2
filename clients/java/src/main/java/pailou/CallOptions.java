package pailou;

import java.time.Duration;
import java.util.function.Consumer;

/**
 * How one call is made; begin with {@link #DEFAULT}.
 *
 * @param timeout from here to the result, all tries and waits included; null for the client's own
 * @param isIdempotent doing it twice has the effect of once: it may be tried again when it is unknown what became of it
 * @param idem a key under which the server does it once, whoever sends it again
 * @param requestId the name under which logs speak of it
 * @param traceparent W3C trace context
 * @param onProgress is given the data of progress events, on a thread that must not be held up
 * @param credit how many items or chunks may be on their way unread
 */
public record CallOptions(
        Duration timeout, boolean isIdempotent, String idem, String requestId, String traceparent,
        Consumer<Object> onProgress, int credit) {
    /** Nothing special. */
    public static final CallOptions DEFAULT = new CallOptions(null, false, null, null, null, null, Call.CREDIT);

    /** @throws IllegalArgumentException for a credit below 1 */
    public CallOptions {
        if (credit < 1) {
            throw new IllegalArgumentException("credit is " + credit + "; expected at least 1");
        }
    }

    public CallOptions timeout(Duration timeout) {
        return new CallOptions(timeout, isIdempotent, idem, requestId, traceparent, onProgress, credit);
    }

    public CallOptions idempotent() {
        return new CallOptions(timeout, true, idem, requestId, traceparent, onProgress, credit);
    }

    public CallOptions idem(String idem) {
        return new CallOptions(timeout, isIdempotent, idem, requestId, traceparent, onProgress, credit);
    }

    public CallOptions requestId(String requestId) {
        return new CallOptions(timeout, isIdempotent, idem, requestId, traceparent, onProgress, credit);
    }

    public CallOptions traceparent(String traceparent) {
        return new CallOptions(timeout, isIdempotent, idem, requestId, traceparent, onProgress, credit);
    }

    public CallOptions onProgress(Consumer<Object> onProgress) {
        return new CallOptions(timeout, isIdempotent, idem, requestId, traceparent, onProgress, credit);
    }

    public CallOptions credit(int credit) {
        return new CallOptions(timeout, isIdempotent, idem, requestId, traceparent, onProgress, credit);
    }
}
