package pailou;

/**
 * Keeps retries from multiplying an outage: a token bucket shared by all calls of a client.
 *
 * <p>A retry costs a token, a success gives a part of one back.
 */
final class RetryBudget {
    private final double tokensMax;
    private final double refund;
    private double tokens;

    RetryBudget(double tokens, double refund) {
        this.tokensMax = tokens;
        this.tokens = tokens;
        this.refund = refund;
    }

    /** Whether there was a token to take. */
    synchronized boolean take() {
        if (tokens < 1) {
            return false;
        }
        tokens -= 1;
        return true;
    }

    synchronized void succeeded() {
        tokens = Math.min(tokensMax, tokens + refund);
    }
}
